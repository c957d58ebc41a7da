import type { ClusterName, Rv } from "../model/ids.ts";
import type { ClusterObject, Kind } from "../model/objects.ts";

/**
 * Every event that crosses the bus. A forwarder is their only author; ingest their only reader. A member that is added,
 * removed or means something else is a new version, and a new version is read before it is sent.
 */
export type BusEvent = ObjectsChanged | InventoryChunk | Heartbeat;
export type EventType = BusEvent["type"];

/** What every event says of its origin. The name is a claim: ingest compares it with the envelope's account and source. */
interface Origin {
  readonly version: 1;
  readonly cluster: ClusterName;
  /** The uid of the cluster's kube-system namespace: a rebuilt cluster of the same name has another. */
  readonly epoch: string;
}

/** Objects that changed, each with its resourceVersion; order means nothing. */
export interface ObjectsChanged extends Origin {
  readonly type: "Objects Changed";
  readonly changes: readonly Change[];
}

export type Change = Put | Delete | Refuse;

/** An object as it is at `rv`. Newer is a higher (rv, trim). */
export interface Put {
  readonly op: "put";
  readonly kind: Kind;
  readonly object: ClusterObject;
  readonly rv: Rv;
  readonly trim: number;
}

/** What names an object in a change that has no body. */
export interface ChangedName {
  readonly kind: Kind;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  /** Empty when no object of that name was ever seen. */
  readonly uid: string;
  readonly rv: Rv;
}

/** An object that is gone, or is named by another and does not exist; then `rv` is that of the list which showed it. */
export interface Delete extends ChangedName {
  readonly op: "delete";
}

/** An object that exists and cannot be sent, with the reason for its owner to read. */
export interface Refuse extends ChangedName {
  readonly op: "refuse";
  readonly reason: string;
}

/** A chunk of a complete listing of some kinds; complete only when all chunks of its id are there. */
export interface InventoryChunk extends Origin {
  readonly type: "Inventory";
  readonly id: string;
  /** From 0 up to but not including `chunks`. */
  readonly chunk: number;
  readonly chunks: number;
  /** Whether bodies come along, with every object that the filter lets through. */
  readonly full: boolean;
  /** The kinds that are listed completely; the same in every chunk. */
  readonly kinds: readonly Kind[];
  /** Of each of these kinds, the resourceVersion up to which the listing is complete; the same in every chunk. */
  readonly taken: Readonly<Partial<Record<Kind, Rv>>>;
  /** Every object of these kinds, also those whose bodies the filter holds back. */
  readonly entries: readonly InventoryEntry[];
  /** Objects of these kinds that others name and that do not exist. */
  readonly absent: readonly AbsentEntry[];
  /** Of a full one, the objects themselves, or why one cannot be sent. */
  readonly bodies: readonly (Put | Refuse)[];
}

export type InventoryEntry = readonly [
  kind: Kind,
  namespace: string,
  name: string,
  uid: string,
  rv: Rv,
  hash: string,
  /** Whether its body is one that the forwarder sends: the filter holds the others back. */
  travels: boolean,
];

export type AbsentEntry = readonly [kind: Kind, namespace: string, name: string];

/** A forwarder that lives, and what it sees. */
export interface Heartbeat extends Origin {
  readonly type: "Heartbeat";
  readonly versions: { readonly forwarder: string; readonly trim: number };
  /** Objects seen, per kind. */
  readonly counts: Readonly<Partial<Record<Kind, number>>>;
  /** The latest resourceVersion seen, per kind. */
  readonly last: Readonly<Partial<Record<Kind, Rv>>>;
  readonly watches: readonly WatchHealth[];
}

/** How the watch of one kind is; `reason` is the API server's own, and present exactly when it is not well. */
export interface WatchHealth {
  readonly kind: Kind;
  readonly ok: boolean;
  readonly reason?: string | undefined;
}

/** The source of a cluster's events: what the cluster's role may put, and what the bus rule looks for. */
export const sourceOf = (cluster: ClusterName): string => `espalier.${cluster}`;

/** What travels in an event's detail: all of it but the type, which the envelope says. */
export function detailOf(event: BusEvent): string {
  const { type: _type, ...detail } = event;
  return JSON.stringify(detail);
}
