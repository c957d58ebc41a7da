import { expect, test } from "vitest";
import type { Outcome } from "../../functions/apply/apply.ts";
import { LatticeError } from "../../functions/apply/lattice.ts";
import { emptyLedger, type Ledger } from "../../functions/desired/ledger.ts";
import { epochMs } from "../../functions/model/ids.ts";
import type { ObservedService, ServiceModel } from "../../functions/model/lattice.ts";
import type { Use } from "../../functions/model/limits.ts";
import type { Plan } from "../../functions/plan/change.ts";
import { isMaking, staleUses, usesThere } from "../../functions/reconcile/shares.ts";

const here = { account: "111122223333", region: "eu-central-1" };
const service: Use = { ...here, quota: "servicesPerRegion" };
const inNetwork = (network: string): Use => ({ ...here, quota: "servicesPerNetwork", network });
const compiled = {
  want: { is: "nothing" },
  reports: [],
  uses: [service, inNetwork("sn-1")].map((use) => ({ use, quota: 9 })),
} as const;

const observed = (over: Partial<ObservedService> = {}): ObservedService => ({
  kind: "service",
  id: "svc-1",
  arn: "arn:aws:vpc-lattice:eu-central-1:111122223333:service/svc-1",
  name: "checkout-shop",
  dnsName: "",
  lifecycle: "active",
  ours: "ours",
  associations: [{ id: "snsa-1", network: "sn-1", lifecycle: "active" }],
  listeners: [],
  ...over,
});

const ledger = (over: Partial<Ledger>): Ledger => ({
  ...emptyLedger,
  uses: [service, inNetwork("sn-1"), inNetwork("sn-2")],
  ...over,
});

test("a service uses a share of its region and of each network that it is in, also one that was taken over", () => {
  expect(usesThere(observed())).toEqual([service, inNetwork("sn-1")]);
  expect(usesThere(observed({ ours: "adopted", associations: [] }))).toEqual([service]);
  expect(usesThere(observed({ ours: "foreign" }))).toEqual([]);
});

test("what is there, and what is about to be made, is kept; the rest is given back", () => {
  expect(staleUses(ledger({ observed: observed() }), compiled, false)).toEqual([inNetwork("sn-2")]);
  expect(staleUses(ledger({}), compiled, true)).toEqual([inNetwork("sn-2")]);
  expect(staleUses(ledger({}), compiled, false)).toHaveLength(3);
  expect(staleUses(ledger({ observed: observed({ ours: "foreign" }) }), compiled, false)).toHaveLength(3);
});

test("nothing is given back while it is not known what there is, or what is to be made", () => {
  expect(staleUses(ledger({}), compiled, undefined)).toEqual([]);
  expect(staleUses(ledger({ applying: true }), compiled, false)).toEqual([]);
  expect(staleUses(ledger({ unknownAt: epochMs(1) }), compiled, false)).toEqual([]);
});

const model: ServiceModel = {
  kind: "service",
  ...here,
  name: "checkout-shop",
  tags: {},
  networks: [],
  listeners: [],
};
const create: Plan = [{ do: "create-service", model, because: "missing" }];
const want = { is: "model", model } as const;
const failed = (fate: "retry" | "later" | "stop"): Outcome => ({
  is: "failed",
  error: new LatticeError("CreateService", "SomeException", ""),
  fate: fate === "stop" ? { do: fate } : { do: fate, afterMs: 1 },
});

test("a create that is tried again is on its way, and one that somebody must make possible first is not", () => {
  const after = (outcome: Outcome): boolean =>
    isMaking(want, create, { observed: undefined, outcomes: [outcome] });
  expect(after(failed("retry"))).toBe(true);
  expect(after(failed("later"))).toBe(true);
  expect(after({ is: "skipped", why: "no time was left" })).toBe(true);
  expect(after(failed("stop"))).toBe(false);
});

test("a service that Lattice is making has its networks before it, unless nobody wants it any more", () => {
  const making = { observed: observed({ lifecycle: "creating", associations: [] }), outcomes: [] };
  expect(isMaking(want, [], making)).toBe(true);
  expect(isMaking({ is: "absent" }, [], making)).toBe(false);
});
