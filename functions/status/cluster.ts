import type { Infrastructure } from "../model/infrastructure.ts";
import type { ObjectRef } from "../model/objects.ts";
import type { DnsEndpoint } from "../model/verdict.ts";
import type { ParentRef } from "../model/routes.ts";

/**
 * The port to a cluster's API server, as the control plane uses it: to read and write the status of an object, to annotate it,
 * and to ask the forwarder for objects. Methods throw ClusterError when the API server does not do what was asked.
 */
export interface ClusterApi {
  /** The object as it is now, or undefined when it does not exist. */
  get(ref: ObjectRef): Promise<LiveObject | undefined>;
  /** Replaces the status subresource of exactly this resourceVersion; answers `conflict` when the object has changed since. */
  putStatus(
    ref: ObjectRef,
    resourceVersion: string,
    status: Readonly<Record<string, unknown>>,
  ): Promise<"written" | "conflict" | "gone">;
  /** Merges annotations into the object; null removes one. */
  annotate(ref: ObjectRef, annotations: Readonly<Record<string, string | null>>): Promise<"written" | "gone">;
  /** Replaces the finalizers of exactly this resourceVersion. An object that waits for its last one to go is gone then. */
  setFinalizers(
    ref: ObjectRef,
    resourceVersion: string,
    finalizers: readonly string[],
  ): Promise<"written" | "conflict" | "gone">;
  /** Makes, changes or removes the DNSEndpoint of a route, which is owned by it and goes with it. What somebody else made under its name stays. */
  putEndpoints(
    route: ObjectRef,
    uid: string,
    endpoints: readonly DnsEndpoint[],
  ): Promise<"written" | "unchanged" | "foreign">;
  /** Makes, changes or bares the ServiceAccount of a Gateway, which is owned by it and goes with it. What is somebody else's stays. */
  putInfrastructure(gateway: ObjectRef, uid: string, infrastructure: Infrastructure): Promise<Borne>;
  /** Asks the forwarder, by an annotation of its own ConfigMap, to send these objects again. */
  askForwarder(request: { readonly id: string; readonly refs: readonly ObjectRef[] }): Promise<void>;
}

/** What came of having an object bear what a Gateway's infrastructure says; of `overtaken` it is to be looked at anew. */
export type Borne =
  | { readonly is: "written" | "unchanged" | "overtaken" }
  | { readonly is: "foreign" | "refused"; readonly why: string };

export interface LiveObject {
  readonly resourceVersion: string;
  readonly uid: string;
  readonly generation: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
  /** Of a route; empty for all other kinds. */
  readonly parentRefs: readonly ParentRef[];
  /** As the API server answered it. */
  readonly status: Readonly<Record<string, unknown>>;
}

/** A call of the API server that failed. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
  /** The HTTP status, or 0 when no answer came. */
  readonly status: number;

  constructor(message: string, status: number, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}
