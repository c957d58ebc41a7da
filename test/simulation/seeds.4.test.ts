import { checkSeeds } from "./check.ts";

checkSeeds(4, 4);
