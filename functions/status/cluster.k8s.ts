import { Agent, request } from "node:https";
import { request as plainRequest } from "node:http";
import { z } from "zod";
import { parentRef } from "../bus/routes.ts";
import { wishPlace, wishText } from "../bus/wish.ts";
import { kinds, readableVersions, type Kind, type ObjectRef } from "../model/objects.ts";
import { ClusterError, type ClusterApi, type LiveObject } from "./cluster.ts";
import { putEndpoints } from "./endpoints.k8s.ts";
import { messageOf } from "./owned.k8s.ts";
import { putServiceAccount } from "./serviceaccount.k8s.ts";

/** How to reach a cluster's API server, and who one is there. */
export interface Access {
  /** Answers where the API server is; may be asked each time. */
  server(): Promise<{ readonly endpoint: string; readonly ca: string }>;
  token(): Promise<string>;
}

const timeoutMs = 10_000;

const liveObject = z.object({
  metadata: z.object({
    resourceVersion: z.string(),
    uid: z.string(),
    generation: z.number().default(0),
    annotations: z.record(z.string(), z.string()).default({}),
    finalizers: z.array(z.string()).default([]),
  }),
  spec: z.looseObject({ parentRefs: z.array(parentRef).default([]) }).default({ parentRefs: [] }),
  status: z.record(z.string(), z.unknown()).default({}),
});

/** The port over HTTPS, without the official client: that would be most of the function's bundle and start time. */
export function clusterApiOver(access: Access): ClusterApi {
  const agents = new Map<string, Agent>();
  const call = async (method: string, path: string, type?: string, body?: unknown): Promise<Answer> => {
    const [{ endpoint, ca }, token] = await Promise.all([access.server(), access.token()]);
    const agent = agents.get(ca) ?? new Agent({ keepAlive: true, ca });
    agents.set(ca, agent);
    return send({ url: new URL(endpoint + path), agent, method, token, type, body });
  };
  const { at, versionOf } = servedBy((path) => call("GET", path));
  return {
    async get(ref) {
      const { answer } = await at(ref);
      return answer.status === 404 ? undefined : live(expect(answer, "GET", ref));
    },
    async putStatus(ref, resourceVersion, status) {
      const { path, answer: now } = await at(ref);
      if (now.status === 404) return "gone";
      const object = expect(now, "GET", ref);
      const metadata = { ...record(object["metadata"]), resourceVersion };
      const body = { ...object, metadata, status };
      const answer = await call("PUT", `${path}/status`, "application/json", body);
      return written(answer, "PUT status of", ref);
    },
    async annotate(ref, annotations) {
      const body = { metadata: { annotations } };
      const path = pathOf(ref, versionOf(ref.kind));
      const answer = await call("PATCH", path, "application/merge-patch+json", body);
      if (answer.status === 404) return "gone";
      expect(answer, "PATCH", ref);
      return "written";
    },
    async setFinalizers(ref, resourceVersion, finalizers) {
      const body = { metadata: { resourceVersion, finalizers } };
      const path = pathOf(ref, versionOf(ref.kind));
      const answer = await call("PATCH", path, "application/merge-patch+json", body);
      return written(answer, "PATCH finalizers of", ref);
    },
    putEndpoints: (route, uid, endpoints) =>
      putEndpoints(call, { ...route, version: versionOf(route.kind) }, uid, endpoints),
    putInfrastructure: (gateway, uid, infrastructure) =>
      putServiceAccount(call, { ...gateway, version: versionOf(gateway.kind) }, uid, infrastructure),
    async askForwarder(wish) {
      const path = `/api/v1/namespaces/${wishPlace.namespace}/configmaps/${wishPlace.configMap}`;
      const annotations = { [wishPlace.annotation]: wishText(wish) };
      const answer = await call("PATCH", path, "application/merge-patch+json", { metadata: { annotations } });
      if (answer.status >= 300)
        throw new ClusterError(`PATCH ${path}: ${answer.status}: ${messageOf(answer)}`, answer.status);
    },
  };
}

type Version = (typeof readableVersions)[number];

/**
 * Finds objects in whichever version the cluster serves their kind, and remembers it. A 404 that names the object says that
 * it does not exist; any other may mean that the version is not served.
 */
function servedBy(get: (path: string) => Promise<Answer>) {
  const served = new Map<Kind, Version>();
  const versionOf = (kind: Kind): Version => served.get(kind) ?? "v1";
  return {
    versionOf,
    async at(ref: ObjectRef): Promise<{ readonly path: string; readonly answer: Answer }> {
      const first = versionOf(ref.kind);
      const found = { path: pathOf(ref, first), answer: await get(pathOf(ref, first)) };
      if (found.answer.status !== 404 || isNamed(found.answer, ref)) return found;
      for (const version of readableVersions.filter((one) => one !== first)) {
        const path = pathOf(ref, version);
        const answer = await get(path);
        if (answer.status === 404 && !isNamed(answer, ref)) continue;
        served.set(ref.kind, version);
        return { path, answer };
      }
      return found;
    },
  };
}

const notFound = z.object({ details: z.object({ name: z.string() }) });
const isNamed = ({ body }: Answer, ref: ObjectRef): boolean =>
  notFound.safeParse(body).data?.details.name === ref.name;

function pathOf(ref: ObjectRef, version: Version): string {
  const { group, plural, namespaced } = kinds[ref.kind];
  const base = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${base}${namespaced ? `/namespaces/${ref.namespace}` : ""}/${plural}/${ref.name}`;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

function expect(answer: Answer, what: string, ref: ObjectRef): Readonly<Record<string, unknown>> {
  if (answer.status < 300) return record(answer.body);
  throw new ClusterError(
    `${what} ${ref.kind} ${ref.namespace}/${ref.name} in ${ref.cluster}: ${answer.status}: ${messageOf(answer)}`,
    answer.status,
  );
}

function written(answer: Answer, what: string, ref: ObjectRef): "written" | "conflict" | "gone" {
  if (answer.status === 409) return "conflict";
  if (answer.status === 404) return "gone";
  expect(answer, what, ref);
  return "written";
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  z.record(z.string(), z.unknown()).parse(value);

function live(object: Readonly<Record<string, unknown>>): LiveObject {
  const { metadata, spec, status } = liveObject.parse(object);
  return { ...metadata, parentRefs: spec.parentRefs, status };
}

function send(call: {
  readonly url: URL;
  readonly agent: Agent;
  readonly method: string;
  readonly token: string;
  readonly type: string | undefined;
  readonly body: unknown;
}): Promise<Answer> {
  const text = call.body === undefined ? undefined : JSON.stringify(call.body);
  const secure = call.url.protocol === "https:";
  const options = {
    method: call.method,
    timeout: timeoutMs,
    ...(secure ? { agent: call.agent } : {}),
    headers: {
      authorization: `Bearer ${call.token}`,
      accept: "application/json",
      ...(text === undefined
        ? {}
        : { "content-type": call.type ?? "application/json", "content-length": Buffer.byteLength(text) }),
    },
  };
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(new ClusterError(`${call.method} ${call.url.pathname}: ${error.message}`, 0, error));
    const out = (secure ? request : plainRequest)(call.url, options, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", fail);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: parsedBody(Buffer.concat(parts).toString()) }),
      );
    });
    out.on("timeout", () => out.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    out.on("error", fail);
    out.end(text);
  });
}

function parsedBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.slice(0, 300) };
  }
}
