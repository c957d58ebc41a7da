import { expect, test } from "vitest";
import { carryOut } from "../../functions/apply/carryout.ts";
import { latticeOver } from "../../functions/apply/lattice.sdk.ts";
import { epochMs } from "../../functions/model/ids.ts";
import type { ObservedTargetGroup } from "../../functions/model/lattice.ts";
import { failureText } from "../../functions/reconcile/failure.ts";

const group: ObservedTargetGroup = {
  kind: "target-group",
  id: "tg-1",
  arn: "arn:tg-1",
  name: "k8s-shop-checkout",
  lifecycle: "active",
  config: { port: 80, protocol: "HTTP", version: "HTTP1", family: "IPV4", vpc: "vpc-1" },
  ours: "ours",
  targets: [],
  draining: 0,
};
const targets = [{ id: "10.0.0.1", port: 8080 }];

test("of a call that answers 200 and has not done all of it, the request can be named to AWS too", async () => {
  const lattice = latticeOver(async () => ({
    $metadata: { requestId: "5f0c" },
    unsuccessful: [{ ...targets[0], failureCode: "InvalidTarget", failureMessage: "not in the VPC" }],
  }));
  const change = { do: "register", targets, because: "missing" } as const;
  const { failure } = await carryOut(change, group, lattice, { tokens: {}, now: epochMs(0) });
  if (failure === undefined) throw new Error("nothing failed");
  expect(failureText(failure)).toBe(
    "RegisterTargets: InvalidTarget: 1 entries failed, the first of them 10.0.0.1:8080: not in the VPC (AWS request 5f0c)",
  );
});
