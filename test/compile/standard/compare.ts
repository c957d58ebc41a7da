import * as fc from "fast-check";
import { expect } from "vitest";
import type { ServiceModel } from "../../../functions/model/lattice.ts";
import { refusedAsOne, type Shares } from "../../../infra/local/proof/reading/backends.ts";
import type { Asked } from "../../../infra/local/proof/reading/reading.ts";
import { groupId } from "../sceneoutputs.ts";
import { answerOf, type Reading } from "./lattice.ts";
import { request } from "./rules.ts";

/** What every world is asked. */
export const requests = fc.sample(request, { numRuns: 400, seed: 1 });
const readings: readonly Reading[] = ["by character", "by segment"];

export const isForwarded = (shares: Shares): boolean => Object.keys(shares).some((who) => who.includes("/"));

/** The target groups of the backends that answer. */
const groupsOf = (shares: Shares): Shares =>
  Object.fromEntries(
    Object.entries(shares).map(([who, share]) => {
      const [namespace = "", name, port] = who.split(/[/:]/);
      return [name === undefined ? who : groupId(namespace, name, Number(port)), share];
    }),
  );

/** Both readings of prefixes must give what is expected. */
export function compare(model: ServiceModel, asked: Asked, expected: Shares): void {
  const wanted = groupsOf(refusedAsOne(expected));
  for (const reading of readings) {
    const got = answerOf(model, asked, reading);
    // A port that has no route is not listened on: that is as good as a 404.
    if ("nobody" in got && "404" in wanted) continue;
    const about = `${JSON.stringify(asked)} ${reading}: ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`;
    expect(Object.keys(got).toSorted(), about).toEqual(Object.keys(wanted).toSorted());
    for (const [who, share] of Object.entries(wanted)) expect(got[who], about).toBeCloseTo(share, 2);
  }
}
