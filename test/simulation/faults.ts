/** How often what goes wrong, in one phase of a history. Probabilities are per event, call or invocation. */
export interface Faults {
  /** An event or message is delivered twice. */
  readonly duplicate: number;
  /** The longest that an event or message lies around, in milliseconds. */
  readonly delayMs: number;
  /** An event never arrives. The next inventory has to find out. */
  readonly lose: number;
  /** An invocation dies at one of its steps: before or after any call of any port. */
  readonly crash: number;
  /** A worker stands still at a step for longer than its lease, and then goes on. */
  readonly freeze: number;
  /** Lattice answers ThrottlingException. */
  readonly throttle: number;
  /** Lattice answers an internal error, having done nothing. */
  readonly internal: number;
  /** Lattice does what was asked, and the answer is lost. */
  readonly lostAnswer: number;
  /** The call times out, and lands some seconds later. */
  readonly lateCall: number;
  /** A cluster's API server answers 500. */
  readonly unreachable: number;
  /** Calls of Lattice that our role is denied. */
  readonly denied?: ((operation: string) => boolean) | undefined;
  /** How much longer each call of Lattice takes, in milliseconds. */
  readonly slowMs?: number;
  /** How many messages of a queue are worked on at the same time; absent: all that there are. */
  readonly atOnce?: number;
}

export const calm: Faults = {
  duplicate: 0,
  delayMs: 50,
  lose: 0,
  crash: 0,
  freeze: 0,
  throttle: 0,
  internal: 0,
  lostAnswer: 0,
  lateCall: 0,
  unreachable: 0,
};

/** Everything at once, as often as a very bad day. */
export const rough: Faults = {
  duplicate: 0.1,
  delayMs: 5_000,
  lose: 0.05,
  crash: 0.08,
  freeze: 0.02,
  throttle: 0.05,
  internal: 0.03,
  lostAnswer: 0.03,
  lateCall: 0.02,
  unreachable: 0.05,
};

/**
 * What nothing but the wake-ups themselves may have to mend: events repeat, overtake each other and lie around, Lattice
 * throttles and refuses, workers meet; but nothing is lost and nobody dies, and no sweep, inventory or visit helps.
 */
export const unmasked: Faults = { ...calm, duplicate: 0.15, delayMs: 8_000, throttle: 0.05, internal: 0.03 };
