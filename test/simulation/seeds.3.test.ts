import { checkSeeds } from "./check.ts";

checkSeeds(3, 4);
