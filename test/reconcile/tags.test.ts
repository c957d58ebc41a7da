import { beforeEach, expect, test } from "vitest";
import { applyPlan } from "../../functions/apply/apply.ts";
import { tokensFor } from "../../functions/apply/tokens.ts";
import { rootTag, rootTagKey } from "../../functions/model/tags.ts";
import { planTargetGroup } from "../../functions/plan/targets.ts";
import { createVisits, group, hour, name, place, service, type Visits } from "./visits.ts";

const config = {
  port: 80,
  protocol: "HTTP",
  version: "HTTP1",
  family: "IPV4",
  vpc: "vpc-0123456789abcdef0",
} as const;
const tags = { [rootTagKey]: rootTag(group) };
const each = { GetTargetGroup: 1, ListTargets: 1 };

let v: Visits;
beforeEach(() => {
  v = createVisits();
});

/** A service of ours, and nothing in it. */
async function bareService(): Promise<{ readonly id: string; readonly arn: string }> {
  const made = await v.lattice.createService({ name, tags: { [rootTagKey]: rootTag(service) }, token: "s" });
  v.pass(hour);
  return made;
}

test("tags are read once a day: who takes them away is found out within that", async () => {
  const { arn } = await bareService();
  const first = await v.visitService({});
  v.somebody("UntagResource", { resourceArn: arn, tagKeys: [rootTagKey] });
  v.pass(23 * hour);
  expect((await v.visitService({ observed: first })).ours).toBe("ours");
  v.pass(hour);
  v.made();
  expect((await v.visitService({ observed: first })).ours).toBe("foreign");
  expect(v.made()).toEqual({ GetService: 1, ListTagsForResource: 1 });
});

test("tags are read at once of another resource in the place of the one that is remembered", async () => {
  const { id } = await bareService();
  const first = await v.visitService({});
  await v.lattice.deleteService(id);
  v.pass(hour);
  await v.lattice.createService({ name, tags: {}, token: "somebody's" });
  v.pass(hour);
  expect((await v.visitService({ observed: first })).ours).toBe("foreign");
});

test("a visit of a target group reads it and its targets, and the tags once a day", async () => {
  await v.lattice.createTargetGroup({ name, config, tags, token: "g" });
  v.pass(hour);
  v.made();
  const first = await v.visitGroup({});
  expect(v.made()).toEqual({ ListTargetGroups: 1, ...each, ListTagsForResource: 1 });
  v.pass(23 * hour);
  const second = await v.visitGroup({ observed: first });
  expect(v.made()).toEqual(each);
  v.pass(hour);
  await v.visitGroup({ observed: second });
  expect(v.made()).toEqual({ ...each, ListTagsForResource: 1 });
});

test("a visit does not read the tags that we gave it less than a day ago", async () => {
  const model = { kind: "target-group", ...place, name, config, tags, targets: [] } as const;
  const plan = planTargetGroup(model, undefined);
  const means = { attempts: 1, fraction: () => 0, canStart: () => true, now: v.now() };
  const tokens = tokensFor(plan, {}, () => "token");
  const { observed } = await applyPlan(plan, undefined, v.lattice, { ...means, tokens });
  v.pass(23 * hour);
  v.made();
  expect(await v.visitGroup({ observed })).toMatchObject({ ours: "ours", lifecycle: "active" });
  expect(v.made()).toEqual(each);
  v.pass(hour);
  await v.visitGroup({ observed });
  expect(v.made()).toEqual({ ...each, ListTagsForResource: 1 });
});

test("the tags of the in-cluster controller are known for a day too, but only in a cluster that has moved over", async () => {
  const theirs = { "application-networking.k8s.aws/ManagedBy": "somebody" };
  await v.lattice.createTargetGroup({ name, config, tags: theirs, token: "g" });
  v.pass(hour);
  const observed = await v.visitGroup({}, theirs);
  expect(observed.ours).toBe("adopted");
  v.made();
  expect(await v.visitGroup({ observed }, theirs)).toEqual(observed);
  expect(v.made()).toEqual(each);
  expect((await v.visitGroup({ observed })).ours).toBe("foreign");
});
