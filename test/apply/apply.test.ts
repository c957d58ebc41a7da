import { expect, test } from "vitest";
import { applyPlan } from "../../functions/apply/apply.ts";
import { LatticeError } from "../../functions/apply/lattice.ts";
import { latticeOver } from "../../functions/apply/lattice.sdk.ts";
import { epochMs } from "../../functions/model/ids.ts";
import { defaultQuotas } from "../../functions/model/limits.ts";
import { planService } from "../../functions/plan/service.ts";
import {
  listenerModel,
  observedListener,
  observedService,
  path,
  rule,
  seen,
  serviceModel,
  to,
} from "../plan/listener.ts";

test("a service does not come into a network when its rules could not be changed before", async () => {
  const all = path("prefix", "/");
  const have = observedService([observedListener([seen(10, all, to("tg-old"))])]);
  const plan = planService(serviceModel([listenerModel([rule(all, to("tg-new"))])]), have, defaultQuotas, []);
  const calls: string[] = [];
  const lattice = latticeOver(async (operation) => {
    calls.push(operation);
    throw new LatticeError(operation, "AccessDeniedException", "no");
  });
  const { outcomes } = await applyPlan(plan, have, lattice, {
    tokens: {},
    now: epochMs(0),
    canStart: () => true,
    attempts: 1,
    fraction: () => 0,
  });
  expect(plan.map((change) => change.do)).toEqual(["update-rules", "associate"]);
  expect(outcomes.map((outcome) => outcome.is)).toEqual(["failed", "skipped"]);
  expect(calls).toEqual(["UpdateRule"]);
});
