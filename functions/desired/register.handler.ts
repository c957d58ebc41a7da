import { z } from "zod";
import { isNetworkName, networkNameRule } from "../model/cluster.ts";
import { accountId, clusterName, region } from "../model/ids.ts";
import type { Clock } from "../runtime/clock.ts";
import { entry, type EntryDeps } from "../runtime/entry.ts";
import { register } from "./clusters.ts";
import { setQuotas } from "./quotas.ts";
import type { Looks, Queues } from "./lanes.ts";
import type { Table } from "./table.ts";

const serviceNetwork = z
  .string()
  .refine(isNetworkName, `not the name or id of a service network: ${networkNameRule}`);

const registration = z.strictObject({
  cluster: z.string().transform(clusterName),
  account: z.string().transform(accountId),
  region: z.string().transform(region),
  vpc: z.string().regex(/^vpc-[0-9a-z]{8,17}$/),
  eks: z.string().min(1),
  profile: z.enum(["standard", "incumbent"]).default("standard"),
  epoch: z.string().min(1).optional(),
  network: serviceNetwork.optional(),
  roles: z.strictObject({ lattice: z.string().optional(), eks: z.string().optional() }).default({}),
});

const quotas = z.strictObject({
  account: z.string().transform(accountId),
  region: z.string().transform(region),
  quotas: z.strictObject({
    rulesPerListener: z.int().positive().optional(),
    listenersPerService: z.int().positive().optional(),
    targetGroupsPerService: z.int().positive().optional(),
    targetsPerTargetGroup: z.int().positive().optional(),
    servicesPerRegion: z.int().positive().optional(),
    servicesPerNetwork: z.int().positive().optional(),
    targetGroupsPerRegion: z.int().positive().optional(),
  }),
});

/** What an administrator can ask for. */
export const request = z.union([
  z.strictObject({ register: registration }),
  z.strictObject({ setQuotas: quotas }),
]);

export interface RegisterDeps {
  readonly table: Table;
  readonly queues: Queues;
  readonly looks: Looks;
  readonly clock: Clock;
}

/** What an administrator tells the control plane: a cluster to believe, or quotas that AWS has granted. */
export const makeHandler = (d: RegisterDeps & EntryDeps) =>
  entry<unknown, { readonly ok: true }>(d, async (event) => {
    const asked = request.parse(event);
    const deps = { table: d.table, queues: d.queues, now: d.clock.now() };
    if ("register" in asked) {
      await register(asked.register, deps);
      // The sweep would find it due too, up to a minute later.
      await d.looks.lookAt([{ account: asked.register.account, region: asked.register.region }]);
    } else await setQuotas(deps, asked.setQuotas, defined(asked.setQuotas.quotas));
    return { ok: true };
  });

/** Without members that are undefined: an absent quota keeps its default. */
function defined(value: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, number] => pair[1] !== undefined),
  );
}
