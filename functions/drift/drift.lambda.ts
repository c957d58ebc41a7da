import { wireDrift } from "../runtime/wire.ts";
import { makeHandler } from "./handler.ts";

export const handler = makeHandler(wireDrift(process.env));
