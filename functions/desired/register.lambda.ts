import { wireRegister } from "../runtime/wire.ts";
import { makeHandler } from "./register.handler.ts";

export const handler = makeHandler(wireRegister(process.env));
