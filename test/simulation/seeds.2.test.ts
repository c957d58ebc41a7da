import { checkSeeds } from "./check.ts";

checkSeeds(2, 4);
