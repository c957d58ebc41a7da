import { expect, test } from "vitest";
import { LatticeError } from "../../functions/apply/lattice.ts";
import { tokensFor, tokensLeft } from "../../functions/apply/tokens.ts";
import type { ServiceModel } from "../../functions/model/lattice.ts";
import type { Plan } from "../../functions/plan/change.ts";

const model: ServiceModel = {
  kind: "service",
  account: "111122223333",
  region: "eu-central-1",
  name: "shop",
  tags: {},
  networks: [],
  listeners: [],
};
const network = (id: string) => ({ id, name: id, arn: `arn:aws:vpc-lattice:::servicenetwork/${id}` });
const plan: Plan = ["sn-1", "sn-2"].map((id) => ({
  do: "associate",
  network: network(id),
  model,
  because: "missing",
}));

test("a create whose answer was lost is repeated with its token, and one that was answered never is", () => {
  const drawn = ["one", "two", "three"];
  const draw = (): string => drawn.shift() ?? "none is left";
  const error = new LatticeError("", "Unknown", "no answer came");
  const tokens = tokensFor(plan, {}, draw);
  const left = tokensLeft(tokens, plan, [{ is: "done" }, { is: "failed", error, fate: { do: "observe" } }]);
  expect(Object.values(tokensFor(plan, left, draw))).toEqual(["three", "two"]);
});
