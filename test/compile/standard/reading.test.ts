import { expect, test } from "vitest";
import { precedence, takes, type Match } from "../../../infra/local/proof/reading/matching.ts";
import { sceneOf } from "../scene.ts";
import { all } from "../../../infra/local/proof/reading/listeners.ts";
import { answerTo } from "../../../infra/local/proof/reading/reading.ts";

/** The reading itself, against the examples of the text. */

const match = (type: string, value: string, more: Partial<Match> = {}): Match => ({
  path: { type, value },
  headers: [],
  ...more,
});

test.each([
  ["PathPrefix", "/foo", ["/foo", "/foo/", "/foo/bar"], ["/foobar", "/Foo", "/"]],
  ["PathPrefix", "/foo/", ["/foo", "/foo/", "/foo/bar"], ["/foobar"]],
  ["PathPrefix", "/", ["/", "/foo", "//"], []],
  ["Exact", "/two", ["/two"], ["/two/", "/Two", "/two/more"]],
])("%s %s takes %j and not %j", (type, value, taken, others) => {
  const isTaken = (path: string): boolean => takes(match(type, value), { method: "GET", path, headers: {} });
  expect([...taken, ...others].filter(isTaken)).toEqual(taken);
});

test("of headers with one name only the first counts, and names have no case", () => {
  const headers = [
    { name: "Version", value: "one" },
    { name: "version", value: "two" },
  ];
  const isTaken = (version: string): boolean =>
    takes(match("PathPrefix", "/", { headers }), { method: "GET", path: "/", headers: { version } });
  expect(["one", "two", "ONE"].filter(isTaken)).toEqual(["one"]);
});

test("an exact path goes before a longer prefix, that before a method, and that before headers", () => {
  const header = { headers: [{ name: "version", value: "one" }] };
  const ordered = [
    match("Exact", "/a"),
    match("PathPrefix", "/a/b"),
    match("PathPrefix", "/a", { method: "GET" }),
    match("PathPrefix", "/a/", header),
    match("PathPrefix", "/a"),
  ];
  expect(ordered.toReversed().toSorted(precedence)).toEqual(ordered);
});

const listeners = { any: "", wild: "*.example.com", deep: "*.foo.example.com", exact: "abc.foo.example.com" };
const isolation = `
kind: Gateway
metadata: { name: prod, namespace: shop }
spec:
  gatewayClassName: espalier
  listeners:
${Object.entries(listeners)
  .map(
    ([name, host]) =>
      `    - { name: ${name}, port: 80, protocol: HTTP${host === "" ? "" : `, hostname: "${host}"`} }`,
  )
  .join("\n")}
${Object.keys(listeners)
  .map(
    (name) => `---
kind: HTTPRoute
metadata: { name: ${name}, namespace: shop }
spec:
  parentRefs: [{ name: prod, sectionName: ${name} }]
  rules:
    - matches: [{ path: { value: /${name} } }]
      backendRefs: [{ name: checkout, port: 80 }]
---
kind: Service
metadata: { name: checkout, namespace: shop }
spec: { ports: [{ port: 80 }] }`,
  )
  .join("\n")}`;

test.each([
  ["bar.com", "any"],
  ["bar.example.com", "wild"],
  ["bar.foo.example.com", "deep"],
  ["a.bar.foo.example.com", "deep"],
  ["ABC.foo.example.com:8080", "exact"],
])("a request to %s is for the listener %s alone", (host, expected) => {
  const world = sceneOf(isolation).objects;
  const [gateway] = all(world, "Gateway");
  if (gateway === undefined) throw new Error("no Gateway");
  for (const name of Object.keys(listeners)) {
    const asked = { port: 80, host, method: "GET", path: `/${name}`, headers: {} };
    const who = name === expected ? "shop/checkout:80" : "404";
    expect(answerTo(world, gateway, asked, "isolated"), name).toEqual({ [who]: 1 });
  }
});
