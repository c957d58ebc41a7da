import type { ObjectKey, RootKey } from "../model/ids.ts";

/**
 * A work queue with its own share of the API budget. Endpoints go first, drift last. What is only told of, and has nothing in Lattice,
 * has a lane of its own, so that nobody waits for Lattice to hear what became of an object.
 */
export type Lane = (typeof lanes)[number];

export const lanes = ["verdicts", "targets", "config", "drift"] as const;

/** What is asked of a root. Asking twice is asking once. */
export interface Ask {
  readonly root: RootKey;
  /** Compare with Lattice itself, not with what the ledger remembers. */
  readonly verify: boolean;
  /** Who or what is the cause, in words for the history: an object and its version, a visit, a person. */
  readonly cause: string;
}

/** The port to the work queues and to the status queue. */
export interface Queues {
  /** Sends asks to a lane, to be received no sooner than `afterMs` from now (at most 15 minutes). */
  send(lane: Lane, asks: readonly Ask[], afterMs?: number): Promise<void>;
  /** Sends the keys of objects whose status must be looked at. */
  sendStatus(objects: readonly StatusAsk[], afterMs?: number): Promise<void>;
}

/** The certificates that ACM has in an account and region. */
export interface CertificatesOf {
  readonly account: string;
  readonly region: string;
}

/** The port to the queue of certificates to look at. Asking twice is asking once. */
export interface Looks {
  lookAt(certificates: readonly CertificatesOf[]): Promise<void>;
}

export type StatusAsk =
  | { readonly do: "write-status"; readonly object: ObjectKey }
  /** Ask the forwarder of a cluster for objects that an inventory shows and desired state lacks. */
  | { readonly do: "ask-forwarder"; readonly cluster: string; readonly objects: readonly ObjectKey[] };
