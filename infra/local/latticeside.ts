import { VPCLatticeClient } from "@aws-sdk/client-vpc-lattice";
import { quotaNames } from "../../functions/model/limits.ts";
import type { Calls } from "./aws/calls.ts";
import type { Credentials, Iam } from "./aws/iam.ts";
import { createAuthority, createCertificates } from "./wire/authority.ts";
import { checkHealth } from "./lattice/health.ts";
import type { AddressOf } from "./lattice/targets.ts";
import { createDataPlanes, type DataPlaneUrls } from "./lattice/dataplanes.ts";
import { createLattice } from "./lattice/engine.ts";
import { serveLattice } from "./lattice/server.ts";
import { defaultSettings, type ServiceQuotas } from "./lattice/settings.ts";
import type { Options } from "./options.ts";
import { networkText, region } from "./place.ts";
import type { Running } from "./running.ts";
import type { Narrator } from "./tell/narrator.ts";
import { latticeLine } from "./tell/witness.ts";

const healthEveryMs = 1_000;
/** How often it is looked whether a port is still listened on: no call says when an association is gone. */
const followEveryMs = 1_000;

/** VPC Lattice: the stand-in with its data planes, or another server that has its own. */
export interface LatticeSide {
  readonly url: string;
  /** By the networks of all accounts, as `networkText` has them; empty when another server is used. */
  dataPlanes(): DataPlaneUrls;
  /** The certificate of whoever vouches for the data plane, PEM; undefined when another server is used. */
  readonly ca: string | undefined;
}

/** Starts the stand-in for some accounts, unless a URL replaces it. `onDataPlane` is called when a data plane was added or taken away. */
export async function startLattice(
  options: Options,
  accounts: readonly string[],
  d: {
    readonly iam: Iam;
    readonly calls: Calls;
    readonly addressOf: AddressOf;
    readonly running: Running;
    readonly narrator: Narrator;
    readonly onDataPlane: () => void;
  },
): Promise<LatticeSide> {
  const replaced = options.endpoints.lattice;
  if (replaced !== undefined) return { url: replaced, dataPlanes: () => ({}), ca: undefined };
  const engine = createLattice({
    clock: { now: Date.now },
    random: Math.random,
    settings: { quotas: quotasOf(options) },
  });
  const authority = await createAuthority("espalier-data-plane", Date.now());
  const certificates = createCertificates("data-plane", async () => authority);
  const places = accounts.map((account) => ({ account, region }));
  const planes = places.map((place) => ({
    place,
    planes: createDataPlanes({ engine, place, addressOf: d.addressOf, certificates, now: Date.now }),
  }));
  let following = Promise.resolve();
  const follow = (): void => {
    following = following.then(async () => {
      const changed = await Promise.all(planes.map((one) => one.planes.follow()));
      if (changed.includes(true)) d.onDataPlane();
    });
  };
  const timer = setInterval(follow, followEveryMs);
  const server = await serveLattice({
    engine,
    iam: d.iam,
    calls: d.calls,
    onCall(operation, caller, input) {
      d.narrator.tell("lattice", `${latticeLine(operation, input)} (${caller.name})`);
      follow();
    },
  });
  d.running.add("Lattice", () => server.close());
  d.running.add("data planes", () => {
    clearInterval(timer);
    for (const one of planes) one.planes.close();
  });
  for (const place of places)
    d.running.add(
      `health checks of ${place.account}`,
      checkHealth(engine, place, d.addressOf, healthEveryMs),
    );
  return {
    url: server.url,
    ca: authority.certificate,
    dataPlanes: () =>
      Object.fromEntries(
        planes.flatMap((one) =>
          Object.entries(one.planes.urls()).map(([name, urls]) => [
            networkText(one.place.account, name),
            urls,
          ]),
        ),
      ),
  };
}

function quotasOf(options: Options): ServiceQuotas {
  const named = Object.entries(quotaNames).flatMap(([name, field]) => {
    const value = options.quotas[field];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...defaultSettings.quotas, ...Object.fromEntries(named) };
}

/** A Lattice client of whoever these credentials belong to. */
export const latticeClient = (endpoint: string, credentials: Credentials): VPCLatticeClient =>
  new VPCLatticeClient({ region, endpoint, credentials: { ...credentials } });
