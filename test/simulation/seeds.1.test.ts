import { checkSeeds } from "./check.ts";

checkSeeds(1, 4);
