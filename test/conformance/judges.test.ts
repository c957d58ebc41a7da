import { describe, expect, test } from "vitest";
import { complaintOf, type Wanted } from "./status.ts";
import { caseSchema, echoComplaint, splitsBy, type Case, type Split } from "./traffic.ts";

/** What judges the system must itself be able to say no. */
describe("a condition", () => {
  const object = { apiVersion: "v1", kind: "Gateway", metadata: { name: "one", generation: 2 } };
  const accepted = {
    type: "Accepted",
    status: "True",
    reason: "Accepted",
    message: "",
    observedGeneration: 2,
  };
  const complaint = (has: readonly (typeof accepted)[], ...wanted: readonly Wanted[]) =>
    complaintOf(object, [...has], wanted, "it");

  test("is as it is wanted, with its reason or with any", () => {
    expect(complaint([accepted], "Accepted True Accepted")).toBeUndefined();
    expect(complaint([accepted], "Accepted True")).toBeUndefined();
  });

  test("is missing, has another status, or another reason", () => {
    expect(complaint([], "Accepted True")).toContain("there is no condition Accepted");
    expect(complaint([accepted], "Accepted False")).toContain("Accepted is True");
    expect(complaint([accepted], "Accepted True ListenersNotValid")).toContain("not True ListenersNotValid");
  });

  test("that nobody asked for may not be stale either", () => {
    const stale = { ...accepted, type: "Programmed", observedGeneration: 1 };
    expect(complaint([accepted, stale], "Accepted True")).toBe("it: Programmed is of generation 1, not 2");
  });
});

describe("an answer", () => {
  const json = { "content-type": "application/json" };
  const echoed = {
    pod: "infra-backend-v1-abc-def",
    namespace: "gateway-conformance-infra",
    service: "infra-backend-v1",
    cluster: "conformance",
    path: "/",
    method: "GET",
    host: "foo.com",
    headers: {},
    http: "1.1",
  } as const;
  const complaint = (wanted: Case, of: Partial<typeof echoed> | { path: string } = {}, headers = json) =>
    echoComplaint(
      { status: 200, headers, trailers: {}, body: Buffer.alloc(0), echoed: { ...echoed, ...of } },
      caseSchema.parse(wanted),
      "foo.com",
      "it",
    );

  test("comes from the right backend", () => {
    expect(complaint({ backend: "infra-backend-v1" })).toBeUndefined();
    expect(complaint({ backend: "infra-backend-v2" })).toBe(
      "it: pod infra-backend-v1 answered, not infra-backend-v2",
    );
    expect(complaint({ ns: "gateway-conformance-app-backend" })).toContain("namespace");
  });

  test("is to the request that was sent, and JSON", () => {
    expect(complaint({ path: "/other" })).toBe("it: the pod saw GET foo.com/");
    expect(complaint({}, {}, { "content-type": "text/plain" })).toBe("it: content type text/plain");
    expect(complaint({ tls: "passthrough" })).toBe("it: the pod itself saw no TLS for foo.com");
  });
});

describe("a split", () => {
  const split: Split = {
    path: "/",
    requests: 100,
    concurrency: 2,
    tolerance: 0.05,
    retries: 0,
    weights: { a: 0.7, b: 0.3, c: 0 },
  };
  /** Answers with so many of each pod, in turn. */
  const of = (counts: Readonly<Record<string, number>>) => {
    const pods = Object.entries(counts).flatMap(([name, count]) =>
      Array.from({ length: count }, () => `${name}-hash-hash`),
    );
    return async () => pods.pop() ?? "none-hash-hash";
  };

  test("holds within the tolerance", async () => {
    await expect(splitsBy(split, of({ a: 74, b: 26 }))).resolves.toBeUndefined();
  });

  test.each([
    [{ a: 76, b: 24 }, "a has not its share"],
    [{ a: 69, b: 30, c: 1 }, "c has not its share"],
    [{ a: 70, b: 29, d: 1 }, "d answered"],
  ])("of %o does not hold", async (counts, why) => {
    await expect(splitsBy(split, of(counts))).rejects.toThrow(why);
  });
});
