/** What Lattice takes in one call, written down again: a budget must not move with the code that it is for. */
const takes = { rules: 10, targets: 100 } as const;

/** The size of a route in Lattice. */
export interface Size {
  /** Lattice rules on each listener. */
  readonly rules: number;
  readonly listeners: number;
  /** Target groups. */
  readonly backends: number;
  readonly networks: number;
}

/** Pods of each backend at first; a pod more or less leaves the number of calls that targets take at one. */
export const podsPerBackend = 2;

export type Change =
  | "a Gateway, first sight of its network"
  | "first create of a route"
  | "visit of a service, all of it new"
  | "visit of a service, nothing new"
  | "visit of a target group"
  | "nothing: an annotation, a restart"
  | "a pod added"
  | "a pod removed"
  | "a weight"
  | "a match added"
  | "a route deleted";

/** How many Lattice rules, on each listener, come from the first rule of a route: the one whose weight is changed. */
export const rulesOfFirst = ({ rules, backends }: Size): number =>
  rules - (rulesOfRoute(backends) - 1) * rulesOfOther(rules, backends);

/** A rule of a route for each pair of backends. */
export const rulesOfRoute = (backends: number): number => Math.ceil(backends / 2);

/** How many Lattice rules come from each rule of a route but the first, which has most. */
export const rulesOfOther = (rules: number, backends: number): number =>
  Math.floor(rules / (rulesOfRoute(backends) + 1));

/** The most calls of Lattice that a change may take, polls apart. */
export function budgetOf(change: Change, size: Size): number {
  const { rules: R, listeners: L, backends: B, networks: N } = size;
  switch (change) {
    case "a Gateway, first sight of its network":
      return N;
    case "first create of a route":
      return B * (1 + callsOfTargets) + 1 + N + L + L * R;
    case "visit of a service, all of it new":
      return 3 + L + (L + L * R);
    case "visit of a service, nothing new":
      return 3 + L;
    case "visit of a target group":
      return 1 + callsOfTargets;
    case "nothing: an annotation, a restart":
      return 0;
    case "a pod added":
    case "a pod removed":
      return 1;
    case "a weight":
      return L * Math.ceil(rulesOfFirst(size) / takes.rules);
    case "a match added":
      return L;
    case "a route deleted":
      return N + 1 + B * (1 + callsOfTargets);
  }
}

/** How many calls register the targets of a group. */
const callsOfTargets = Math.max(1, Math.ceil(podsPerBackend / takes.targets));

/**
 * What the in-cluster controller takes for the same: at the least, because calls of the tagging API, moved priorities and its
 * further passes are left out. Undefined for what it has no counterpart of.
 */
export function incumbentOf(
  change: Change,
  { rules: R, listeners: L, backends: B, networks: N }: Size,
): number | undefined {
  const pass = B * (3 + callsOfTargets) + 4 + L + L * (R + 1) ** 2;
  switch (change) {
    case "a Gateway, first sight of its network":
      return N;
    case "first create of a route":
      return 5 * B + 2 * B * callsOfTargets + 9 + 3 * L + 2 * L * R + (L * R * (R + 1)) / 2;
    case "visit of a service, all of it new":
    case "visit of a service, nothing new":
    case "nothing: an annotation, a restart":
      return pass;
    case "visit of a target group":
      return undefined;
    case "a pod added":
    case "a pod removed":
      return 2 * pass;
    case "a weight":
    case "a match added":
      return pass + L;
    case "a route deleted":
      return 3 * passesOfDelete + N + L + 2 + B * (2 + callsOfTargets);
  }
}

/** Ten seconds apart, until the association is gone. */
const passesOfDelete = 2;
