import { memoryTable } from "../support/table.memory.ts";
import { tableContract } from "./table.contract.ts";

tableContract("memory", async () => memoryTable());
