import { wireIngest } from "../runtime/wire.ts";
import { makeHandler } from "./handler.ts";

export const handler = makeHandler(wireIngest(process.env));
