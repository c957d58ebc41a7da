import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "./api.ts";

const secrets = "/api/v1/namespaces/default/secrets";
const secret = (name: string, type: string | undefined, data: Readonly<Record<string, string>>) => ({
  metadata: { name },
  ...(type === undefined ? {} : { type }),
  data,
});
const tls = (name: string) => secret(name, "kubernetes.io/tls", { "tls.crt": "Y3J0", "tls.key": "a2V5" });

let api: TestApi;
beforeAll(async () => {
  api = await startApi([]);
});
afterAll(() => api.server.close());

const names = async (query: string): Promise<readonly string[]> => {
  const { items } = (await api.call("GET", `/api/v1/secrets?${query}`)).body as unknown as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  };
  return items.map((one) => one.metadata.name);
};

test("are listed by type", async () => {
  await api.call("POST", secrets, { body: tls("listed") });
  await api.call("POST", secrets, { body: secret("password", undefined, {}) });
  expect(await names("fieldSelector=type%3Dkubernetes.io/tls")).toEqual(["listed"]);
  expect(await names("fieldSelector=type!%3Dkubernetes.io/tls")).toEqual(["password"]);
  expect(await names("fieldSelector=type%3DOpaque,metadata.name%3Dpassword")).toEqual(["password"]);
  const other = await api.call("GET", "/api/v1/services?fieldSelector=type%3DClusterIP");
  expect(other.body).toMatchObject({ code: 400, message: "field label not supported: type" });
});

test("are watched by type: of the others nothing is heard", async () => {
  const watch = await api.watch(
    `${secrets}?watch=1&fieldSelector=type%3Dkubernetes.io/tls&resourceVersion=${api.store.version()}`,
  );
  await api.call("POST", secrets, { body: secret("silent", "Opaque", { a: "YQ==" }) });
  await api.call("POST", secrets, { body: tls("heard") });
  await api.call("DELETE", `${secrets}/silent`);
  await api.call("DELETE", `${secrets}/heard`);
  expect([await watch.next(), await watch.next()]).toMatchObject([
    { type: "ADDED", object: { metadata: { name: "heard" } } },
    { type: "DELETED", object: { metadata: { name: "heard" } } },
  ]);
});

test("that went while nobody watched are told to whoever resumes", async () => {
  await api.call("POST", secrets, { body: tls("gone") });
  const since = api.store.version();
  await api.call("DELETE", `${secrets}/gone`);
  const watch = await api.watch(
    `${secrets}?watch=1&fieldSelector=type%3Dkubernetes.io/tls&resourceVersion=${since}`,
  );
  expect(await watch.next()).toMatchObject({
    type: "DELETED",
    object: { metadata: { name: "gone", resourceVersion: String(since + 1) } },
  });
});

test("take plain text, and keep it encoded", async () => {
  const { body } = await api.call("POST", secrets, {
    body: { metadata: { name: "plain" }, stringData: { user: "admin" } },
  });
  expect(body).toMatchObject({ type: "Opaque", data: { user: "YWRtaW4=" } });
  expect(body).not.toHaveProperty("stringData");
});

test.each([
  [
    "a certificate without its key",
    secret("bad", "kubernetes.io/tls", { "tls.crt": "Y3J0" }),
    "data[tls.key]: Required value",
  ],
  [
    "data that is no base64",
    secret("bad", "Opaque", { a: "not base64" }),
    "data[a]: Invalid value: illegal base64 data",
  ],
  [
    "a key that is no name",
    secret("bad", "Opaque", { "a/b": "YQ==" }),
    "a valid config key must consist of alphanumeric",
  ],
])("are refused: %s", async (_what, body, message) => {
  const answer = await api.call("POST", secrets, { body });
  expect(answer.status).toBe(422);
  expect(answer.body["message"]).toContain(message);
});

test("keep their type", async () => {
  await api.call("POST", secrets, { body: secret("typed", "Opaque", {}) });
  const answer = await api.call("PATCH", `${secrets}/typed`, {
    body: { type: "kubernetes.io/tls", data: { "tls.crt": "Y3J0", "tls.key": "a2V5" } },
    type: "application/merge-patch+json",
  });
  expect(answer.body["message"]).toContain('type: Invalid value: "kubernetes.io/tls": field is immutable');
});

test("are read by whom a role allows it, and by nobody else", async () => {
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const denied = await api.call("GET", secrets, { token: "reader" });
  expect(denied.body["message"]).toBe(
    'secrets is forbidden: User "reader" cannot list resource "secrets" in API group "" in the namespace "default"',
  );
  const rules = [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }];
  await api.call("POST", `${rbac}/clusterroles`, { body: { metadata: { name: "secrets" }, rules } });
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "secrets" };
  await api.call("POST", `${rbac}/clusterrolebindings`, {
    body: { metadata: { name: "secrets" }, roleRef, subjects: [{ kind: "User", name: "reader" }] },
  });
  expect((await api.call("GET", secrets, { token: "reader" })).status).toBe(200);
  expect((await api.call("GET", `${secrets}/typed`, { token: "reader" })).status).toBe(403);
});
