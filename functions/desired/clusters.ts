import { same } from "../model/canonical.ts";
import type { ClusterFacts, Registration } from "../model/cluster.ts";
import type { ClusterName, EpochMs } from "../model/ids.ts";
import { clusterRead } from "../model/reads.ts";
import { packBody, unpackBody } from "./body.ts";
import { lookWrite } from "./certificates.ts";
import { registrationKey, stateKey } from "./keys.ts";
import { addOwed, isOwed, nothingOwed, owedOf, owedValue, pay } from "./owed.ts";
import type { Queues } from "./lanes.ts";
import type { Table, Write } from "./table.ts";

/** What the control plane has learnt of a cluster, besides its registration. */
export interface ClusterState {
  /** The uid of the kube-system namespace whose events are believed. */
  readonly epoch?: string | undefined;
  /** Counts epochs, so that resourceVersions of different ones are never compared. */
  readonly epochNumber: number;
  readonly listed: ClusterFacts["listed"];
  readonly applied: boolean;
  readonly hold?: string | undefined;
  readonly failedWatches: ClusterFacts["failedWatches"];
}

const unheardOf: ClusterState = { epochNumber: 1, listed: [], applied: false, failedWatches: [] };

export interface Cluster {
  readonly registration: Registration;
  readonly state: ClusterState;
}

/** A registered cluster, or undefined. */
export async function getCluster(table: Table, cluster: ClusterName): Promise<Cluster | undefined> {
  const [registration, state] = await Promise.all([
    table.get(registrationKey(cluster)),
    table.get(stateKey(cluster)),
  ]);
  const body = registration?.["body"];
  if (typeof body !== "string") return undefined;
  return { registration: unpackBody(body) as Registration, state: stateOf(state?.["body"]) };
}

/** What a compile may know of a cluster. */
export const factsOf = ({ registration, state }: Cluster): ClusterFacts => ({
  registration,
  listed: state.listed,
  applied: state.applied,
  ...(state.hold === undefined ? {} : { hold: state.hold }),
  failedWatches: state.failedWatches,
});

/**
 * Registers a cluster, or changes its registration. A registration that names another epoch than the one that was believed
 * lifts the hold that the new epoch caused: what the cluster holds now replaces the old once a complete full inventory is there.
 */
export async function register(registration: Registration, d: Deps): Promise<void> {
  await change(
    registration.cluster,
    d,
    (state) => {
      const turned =
        registration.epoch !== undefined && state.epoch !== undefined && state.epoch !== registration.epoch;
      if (!turned)
        return { ...state, ...(registration.epoch === undefined ? {} : { epoch: registration.epoch }) };
      return {
        epoch: registration.epoch,
        epochNumber: state.epochNumber + 1,
        listed: [],
        applied: false,
        failedWatches: state.failedWatches,
      };
    },
    registration,
  );
}

/** Changes what is known of a cluster, and wakes whoever read it when a compile could tell the difference. */
export async function updateState(
  cluster: ClusterName,
  d: Deps,
  step: (state: ClusterState) => ClusterState,
): Promise<void> {
  await change(cluster, d, step);
}

interface Deps {
  readonly table: Table;
  readonly queues: Queues;
  readonly now: EpochMs;
}

async function change(
  cluster: ClusterName,
  d: Deps,
  step: (state: ClusterState) => ClusterState,
  registration?: Registration,
): Promise<void> {
  const key = stateKey(cluster);
  for (;;) {
    const item = await d.table.get(key);
    const before = stateOf(item?.["body"]);
    const after = step(before);
    if (registration === undefined && same(before, after)) {
      await pay(key, item, d.table, d.queues);
      return;
    }
    const woken = registration !== undefined || !same(visible(before), visible(after));
    const owed = addOwed(
      owedOf(item),
      woken
        ? { ...nothingOwed, reads: [clusterRead(cluster)], cause: `cluster ${cluster} changed` }
        : nothingOwed,
    );
    const version = item?.["v"];
    const write: Write = {
      do: "put",
      key,
      item: {
        v: (typeof version === "number" ? version : 0) + 1,
        body: packBody(after),
        ...(isOwed(owed) ? { owed: owedValue(owed), due: d.now } : {}),
      },
      when: [
        typeof version === "number"
          ? { attribute: "v", is: "equal", value: version }
          : { attribute: "v", is: "absent" },
      ],
    };
    const entry: readonly Write[] =
      registration === undefined
        ? []
        : [
            { do: "put", key: registrationKey(cluster), item: { body: packBody(registration) } },
            lookWrite(registration, d.now),
          ];
    if (!(await d.table.write([write, ...entry]))) continue;
    await pay(key, await d.table.get(key), d.table, d.queues);
    return;
  }
}

const visible = ({ listed, applied, hold, failedWatches }: ClusterState) => ({
  listed,
  applied,
  hold,
  failedWatches,
});

const stateOf = (body: unknown): ClusterState =>
  typeof body === "string" ? (unpackBody(body) as ClusterState) : unheardOf;
