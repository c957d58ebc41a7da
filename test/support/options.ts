import { z } from "zod";

/** A whole number on a command line. */
const whole = (least: number, what: string) => z.coerce.number(what).int(what).min(least, what);

/** Options that say which seeds are to be lived. */
export const seedOptions = {
  seeds: whole(1, "--seeds takes a whole number above zero"),
  from: whole(0, "--from takes a whole number"),
};
