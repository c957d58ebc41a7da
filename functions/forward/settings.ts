/** The forwarder's times and bounds, in milliseconds where nothing else is said. */
export interface Settings {
  /** How long changes of one object are gathered. */
  readonly window: number;
  /** How long the first inventory waits for kinds that do not answer. */
  readonly startWait: number;
  readonly inventoryEvery: number;
  readonly fullInventoryEvery: number;
  readonly heartbeatEvery: number;
  /** Changes that wait for the bus at most; beyond it everything is listed anew once the bus takes events again. */
  readonly queueMax: number;
  /** Objects per page of a list. */
  readonly page: number;
  /** How long the API server keeps a watch, in seconds; up to half of it is added at random. */
  readonly watchSeconds: number;
  /** How much longer a watch may stay silent than the API server was asked to keep it: then it is dead. */
  readonly watchGrace: number;
  /** A watch that lasted so long without an error works. */
  readonly watchProven: number;
  readonly retryFirst: number;
  readonly retryMost: number;
  /** After a refusal that only a person or an installation ends: forbidden, not served. */
  readonly retrySlow: number;
}

export const defaultSettings: Settings = {
  window: 50,
  startWait: 10_000,
  inventoryEvery: 10 * 60_000,
  fullInventoryEvery: 6 * 3_600_000,
  heartbeatEvery: 30_000,
  queueMax: 10_000,
  page: 500,
  watchSeconds: 120,
  watchGrace: 15_000,
  watchProven: 1000,
  retryFirst: 250,
  retryMost: 30_000,
  retrySlow: 15_000,
};
