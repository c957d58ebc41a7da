/** One Kubernetes object as the API server holds it: the common part typed, the rest as its schema has it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KubeMeta;
  readonly [field: string]: unknown;
}

export interface KubeMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly [field: string]: unknown;
}

/** What a URL of the API names: `/apis/GROUP/VERSION/.../PLURAL`; the core group is `""`. */
export interface ResourceName {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** Which object of a resource; cluster-scoped ones have no namespace. */
export interface ObjectName {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: KubeObject;
  /** The object before the change, of one that was there: whether a selector had matched it is seen by this. */
  readonly before?: KubeObject | undefined;
}

/**
 * The objects of one cluster, admitted as a real API server would. Every refusal is thrown as a `KubeError` (status.ts) with the
 * code, reason, message and causes of the real server's Status; a reading method returns copies that nobody else changes.
 */
export interface Store {
  /** The current resourceVersion of the whole store. */
  version(): number;
  get(resource: ResourceName, object: ObjectName): KubeObject;
  list(
    resource: ResourceName,
    namespace?: string,
  ): { readonly resourceVersion: string; readonly items: readonly KubeObject[] };
  /** A dry run says what would be stored, or refuses it, and stores nothing. */
  create(resource: ResourceName, object: KubeObject, dryRun?: boolean): KubeObject;
  /** Replaces spec and metadata (or only status, for subresource `status`); a resourceVersion in the object must be current. */
  update(resource: ResourceName, object: KubeObject, subresource?: "status", dryRun?: boolean): KubeObject;
  /** JSON merge patch, as its RFC 7396. */
  mergePatch(
    resource: ResourceName,
    object: ObjectName,
    patch: Readonly<Record<string, unknown>>,
    subresource?: "status",
  ): KubeObject;
  /** Sets deletionTimestamp while finalizers remain, else removes. Deleting a namespace deletes all that is in it. */
  remove(resource: ResourceName, object: ObjectName): KubeObject;
  /**
   * Calls `onEvent` with every change after `resourceVersion` (in order, first those of the past, then as they happen) until the returned
   * function is called, or `onEnd`: the resource is not served any more. Throws 410 Expired when that version is out of the window.
   */
  watch(
    resource: ResourceName,
    since: string,
    onEvent: (event: WatchEvent) => void,
    onEnd?: () => void,
  ): () => void;
}
