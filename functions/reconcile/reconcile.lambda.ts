import { wireReconcile } from "../runtime/wire.ts";
import { makeHandler } from "./handler.ts";

export const handler = makeHandler(wireReconcile(process.env));
