import { grpcCall, request, type Answer, type Ask, type GrpcAnswer } from "../../infra/local/wire/request.ts";
import type { ListedKind } from "../../infra/local/fleet/cluster.ts";
import type { KubeObject, ObjectName } from "../../infra/local/kubernetes/objects.ts";
import { applyAll, objectsIn, removeAll, type Stack } from "./stack.ts";
import { statusOf } from "./status.ts";

/** The namespace of whatever a test names without one. */
const infraNamespace = "gateway-conformance-infra";

/** How long the suite waits for a condition, and how often it looks. */
const conditionWithinMs = 60_000;
const lookEveryMs = 100;

/** One thing that a test does or wants. It throws what is wrong. */
export type Check = (trial: Trial) => Promise<void>;

/** What a check has at hand: the cluster as an administrator sees it, and the way that requests take. */
export interface Trial {
  /** An object, by `NAMESPACE/NAME`, or by its name in the namespace of the infrastructure. Throws when there is none. */
  object(kind: ListedKind, name: string): Promise<KubeObject>;
  objects(kind: ListedKind): Promise<readonly KubeObject[]>;
  /** JSON patch if it is a list, else merge patch. */
  patch(kind: ListedKind, name: string, patch: unknown): Promise<void>;
  remove(kind: ListedKind, name: string): Promise<void>;
  /** Applies a manifest of this folder; it is deleted when the trial ends. */
  apply(file: string): Promise<void>;
  /** The first address of a Gateway. Throws while it has none. */
  addressOf(gateway: string): Promise<string>;
  /** Sends a request to where a Gateway's network listens on a port. */
  send(gateway: string, port: number, ask: Ask): Promise<Answer>;
  /** Makes a call of gRPC in the same way. */
  call(gateway: string, port: number, ask: Ask & { readonly path: string }): Promise<GrpcAnswer>;
  /** Who vouches for the certificates of the data plane, PEM. */
  readonly ca: string;
}

/** `NAMESPACE/NAME`, or a name in the namespace of the infrastructure. */
export function nameOf(text: string): { readonly namespace: string; readonly name: string } {
  const [first = "", second] = text.split("/");
  return second === undefined
    ? { namespace: infraNamespace, name: first }
    : { namespace: first, name: second };
}

/** A trial on a stack, and how everything that it has applied is taken away again. */
export function startTrial(stack: Stack): { readonly trial: Trial; readonly end: () => Promise<void> } {
  const { cluster, requests, booted } = stack;
  const applied: KubeObject[] = [];
  const named = (kind: ListedKind, text: string): ObjectName =>
    kind === "GatewayClass" || kind === "Namespace" ? { name: text } : nameOf(text);

  async function object(kind: ListedKind, text: string): Promise<KubeObject> {
    const { namespace, name } = named(kind, text);
    const found = (await cluster.list(kind)).find(
      ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
    );
    if (found === undefined) throw new Error(`there is no ${kind} ${text}`);
    return found;
  }
  function urlOf(gateway: string, port: number): string {
    const { name } = nameOf(gateway);
    const url = booted.system.lattice.dataPlanes()[name]?.[port];
    if (url === undefined) throw new Error(`nothing listens on port ${port} of service network ${name}`);
    return url;
  }
  const trial: Trial = {
    object,
    objects: (kind) => cluster.list(kind),
    async patch(kind, name, patch) {
      const { status } = await requests.patch(kind, named(kind, name), patch);
      if (status !== 200) throw new Error(`PATCH of ${kind} ${name}: ${status}`);
    },
    async remove(kind, name) {
      const { status } = await requests.remove(kind, named(kind, name));
      if (status !== 200) throw new Error(`DELETE of ${kind} ${name}: ${status}`);
    },
    async apply(file) {
      const objects = objectsIn(file);
      applied.push(...objects);
      await applyAll(stack, objects);
    },
    async addressOf(gateway) {
      const [first] = statusOf(await object("Gateway", gateway)).addresses;
      if (first === undefined) throw new Error(`Gateway ${gateway} has no address`);
      return first.value;
    },
    send: (gateway, port, ask) => request(urlOf(gateway, port), ask),
    call: (gateway, port, ask) => grpcCall(urlOf(gateway, port), ask),
    ca: booted.system.lattice.ca ?? "",
  };
  return { trial, end: () => removeAll(stack, applied) };
}

/** Looks until there is nothing to complain of; throws the last complaint when there still is after a minute. */
export async function until(complaint: () => Promise<string | undefined>): Promise<void> {
  const end = Date.now() + conditionWithinMs;
  for (;;) {
    const found = await complaint();
    if (found === undefined) return;
    if (Date.now() > end) throw new Error(found);
    await pause(lookEveryMs);
  }
}

/** Lets time pass. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
