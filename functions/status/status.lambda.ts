import { wireStatus } from "../runtime/wire.ts";
import { makeHandler } from "./handler.ts";

export const handler = makeHandler(wireStatus(process.env));
