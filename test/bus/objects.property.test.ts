import * as fc from "fast-check";
import { expect, test } from "vitest";

import { parseObject } from "../../functions/bus/objects.ts";
import { allKinds, type Kind } from "../../functions/model/objects.ts";

import { raws } from "./arbitraries.ts";

function parsed(kind: Kind, raw: unknown): unknown {
  const answer = parseObject<Kind>(kind, raw);
  if (!answer.ok) throw new Error(answer.problems);
  return answer.object;
}

test.each(allKinds)("parsing a %s twice changes nothing", (kind) => {
  fc.assert(
    fc.property(raws[kind], (raw) => {
      const once = parsed(kind, raw);
      expect(parsed(kind, once)).toEqual(once);
      expect(parsed(kind, JSON.parse(JSON.stringify(once)))).toEqual(once);
    }),
    { numRuns: 200 },
  );
});
