import { request } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type TestApi } from "./api.ts";

const group = "rbac.authorization.k8s.io";
const rbac = (kind: string, rest: Readonly<Record<string, unknown>>) => ({
  apiVersion: `${group}/v1`,
  kind,
  metadata: { name: "look", namespace: "default" },
  ...rest,
});
const rule = { verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] };

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
  const [pod, subject] = [
    { name: "web", namespace: "default" },
    { kind: "User", name: "reader" },
  ];
  api.store.create(
    { group: "", version: "v1", plural: "pods" },
    { apiVersion: "v1", kind: "Pod", metadata: pod, spec: { containers: [{ name: "a", image: "a" }] } },
  );
  api.store.create({ group, version: "v1", plural: "roles" }, rbac("Role", { rules: [rule] }));
  api.store.create(
    { group, version: "v1", plural: "rolebindings" },
    rbac("RoleBinding", { roleRef: { apiGroup: group, kind: "Role", name: "look" }, subjects: [subject] }),
  );
});
afterAll(() => api.server.close());

/** What is answered to a body of a type, asked by a user. */
function answerTo(method: string, path: string, token: string, body?: Buffer, type = "application/json") {
  const headers = { authorization: `Bearer ${token}`, "content-type": type };
  return new Promise<{ readonly type: string; readonly text: string }>((resolve, reject) => {
    const out = request(new URL(path, api.url), { method, ca: api.ca, headers }, (response) => {
      let text = "";
      response.on("data", (part: Buffer) => (text += part.toString()));
      response.on("end", () => resolve({ type: response.headers["content-type"] ?? "", text }));
    });
    out.on("error", reject);
    out.end(body);
  });
}

/** The status of a review in JSON, or in protobuf as kubectl sends it. */
async function reviewed(kind: string, token: string, body: Buffer, type?: string): Promise<unknown> {
  const path = `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`;
  const { text } = await answerTo("POST", path, token, body, type);
  return (JSON.parse(text) as { readonly status: unknown }).status;
}

const json = (spec: unknown): Buffer => Buffer.from(JSON.stringify({ spec }));

/** A field of protobuf that has a length. */
const field = (number: number, ...parts: readonly (Buffer | string)[]): Buffer => {
  const value = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([number * 8 + 2, value.length]), value]);
};
const protobuf = (kind: string, spec: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from("k8s\0"),
    field(1, field(1, "authorization.k8s.io/v1"), field(2, kind)),
    field(2, field(1), field(2, spec)),
  ]);
const type = "application/vnd.kubernetes.protobuf";

describe("kubectl auth can-i", () => {
  const kind = "SelfSubjectAccessReview";
  const question = (verb: string) => ({
    resourceAttributes: { verb, resource: "pods", namespace: "default" },
  });

  test.each([
    ["reader", "get", true],
    ["reader", "delete", false],
    ["admin", "delete", true],
  ])("answers %s who wants to %s pods: %s", async (user, verb, allowed) => {
    expect(await reviewed(kind, user, json(question(verb)))).toEqual({ allowed });
    const asked = field(1, field(1, "default"), field(2, verb), field(3), field(4, "*"), field(5, "pods"));
    expect(await reviewed(kind, user, protobuf(kind, asked), type)).toEqual({ allowed });
  });

  test("says of what is no question that it is not understood", async () => {
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    for (const body of [Buffer.from("{"), Buffer.from("k8s\0\x12\x7f")])
      expect(JSON.parse((await answerTo("POST", path, "reader", body)).text)).toMatchObject({ code: 400 });
  });
});

describe("kubectl auth can-i --list", () => {
  const kind = "SelfSubjectRulesReview";

  test("lists what the roles of a user allow, in the namespace that is asked for", async () => {
    const rules = { resourceRules: [rule], nonResourceRules: [], incomplete: false };
    expect(await reviewed(kind, "reader", json({ namespace: "default" }))).toEqual(rules);
    expect(await reviewed(kind, "reader", protobuf(kind, field(1, "default")), type)).toEqual(rules);
    const elsewhere = await reviewed(kind, "reader", json({ namespace: "kube-system" }));
    expect(elsewhere).toEqual({ ...rules, resourceRules: [] });
  });

  test("lists everything of an administrator", async () => {
    expect(await reviewed(kind, "admin", json({ namespace: "default" }))).toEqual({
      resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }],
      nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
      incomplete: false,
    });
  });
});

describe("kubectl logs", () => {
  const path = "/api/v1/namespaces/default/pods/web/log?container=a";

  test("is told in a line of text what the pod is", async () => {
    const answered = await answerTo("GET", path, "admin");
    expect(answered.type).toBe("text/plain");
    expect(answered.text).toMatch(/^web at .* is an echo server.*\n$/);
  });

  test("is for whoever may read logs", async () => {
    expect(JSON.parse((await answerTo("GET", path, "reader")).text)).toMatchObject({ reason: "Forbidden" });
  });
});
