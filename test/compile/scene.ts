import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { compile } from "../../functions/compile/compile.ts";
import type { View } from "../../functions/compile/view.ts";
import type { ClusterFacts } from "../../functions/model/cluster.ts";
import { accountId, asRootKey, clusterName, region } from "../../functions/model/ids.ts";
import type { Output, ServiceOutput } from "../../functions/model/lattice.ts";
import { defaultQuotas } from "../../functions/model/limits.ts";
import {
  keyOf,
  kinds,
  refTo,
  type ClusterObject,
  type Kind,
  type ObjectRef,
} from "../../functions/model/objects.ts";
import { indexesOf, indexRead, objectRead, outputRead, type Index } from "../../functions/model/reads.ts";
import { parseRoot, rootKey, type Root, type ServiceRoot } from "../../functions/model/roots.ts";
import { completed, objectOf } from "./sceneobjects.ts";
import { outputOf, soughtAt, standingOf } from "./sceneoutputs.ts";

const east = clusterName("east");

/** What desired state says besides objects. A first document without `kind` sets it; each has a default. */
const facts = z.strictObject({
  profile: z.enum(["standard", "incumbent"]).default("standard"),
  /** Service networks by name: `missing`, `ambiguous`, still `sought`, or why the search `failed`, instead of found. */
  networks: z
    .record(
      z.string(),
      z.union([z.enum(["missing", "ambiguous", "sought"]), z.strictObject({ failed: z.string() })]),
    )
    .default({}),
  /** Objects that nothing has been heard of, as `KIND NAMESPACE/NAME`; what is named otherwise and not there is missing. */
  unknown: z.array(z.string()).default([]),
  /** Target groups by their Service, `NAMESPACE/NAME`: not made, being filled, without endpoints, or in which trouble. */
  groups: z.record(z.string(), z.union([z.enum(["none", "filling", "empty"]), z.string()])).default({}),
  /** Who serves a hostname on a network, as `NETWORK-ID HOSTNAME`. */
  holders: z.record(z.string(), z.strictObject({ root: z.string(), gateway: z.string() })).default({}),
  /** What services say of themselves, by root, where they have not done what is asked: nothing yet, or an older generation, or why not. */
  standings: z
    .record(
      z.string(),
      z.union([
        z.enum(["none", "older"]),
        z.strictObject({ is: z.enum(["pending", "failed"]), message: z.string() }),
      ]),
    )
    .default({}),
  /** Roots that have said something of an object before. */
  told: z.array(z.string()).default([]),
  /** Services that roots have counted on before, all by their keys. */
  services: z.record(z.string(), z.array(z.string())).default({}),
  /** Routes that services serve already, by their keys. */
  serves: z.record(z.string(), z.array(z.string())).default({}),
  /** Gateways that services have given up, by their keys. */
  declines: z.record(z.string(), z.array(z.string())).default({}),
  /** The ids of the networks that services are in that hold no hostname there, by their keys. */
  isIn: z.record(z.string(), z.array(z.string())).default({}),
  /** Names that services were made under, by their keys. */
  names: z.record(z.string(), z.string()).default({}),
  /** Custom domains that services were made with, by their keys. */
  domains: z.record(z.string(), z.string()).default({}),
  /** The certificates that services have, by their keys. */
  certified: z.record(z.string(), z.string()).default({}),
  /** Certificates of ACM. */
  certificates: z
    .union([
      z.literal("unknown"),
      z.strictObject({ denied: z.string() }),
      z.array(
        z.strictObject({
          arn: z.string(),
          domains: z.array(z.string()),
          since: z.int().default(0),
          unlisted: z.literal(true).optional(),
        }),
      ),
    ])
    .default([]),
  /** A service network that stands for every Gateway of the cluster. */
  network: z.string().optional(),
  rulesPerListener: z.int().default(defaultQuotas.rulesPerListener),
  listenersPerService: z.int().default(defaultQuotas.listenersPerService),
  targetGroupsPerService: z.int().default(defaultQuotas.targetGroupsPerService),
  targetsPerTargetGroup: z.int().default(defaultQuotas.targetsPerTargetGroup),
  servicesPerRegion: z.int().default(defaultQuotas.servicesPerRegion),
  servicesPerNetwork: z.int().default(defaultQuotas.servicesPerNetwork),
  targetGroupsPerRegion: z.int().default(defaultQuotas.targetGroupsPerRegion),
  /** How much of shared quotas others use, by the quota, and `QUOTA NETWORK-ID` for that of a network. */
  usage: z.record(z.string(), z.int()).default({}),
  failedWatches: z
    .array(z.strictObject({ kind: z.literal("EndpointSlice"), reason: z.string() }))
    .default([]),
  applied: z.boolean().default(true),
  /** Why the cluster is on hold. */
  hold: z.string().optional(),
});
export type Facts = z.infer<typeof facts>;
export type ToldFacts = z.input<typeof facts>;

/** Manifests as a user writes them, and desired state as they would make it. */
export interface Scene {
  readonly objects: readonly ClusterObject[];
  /** A view for one root, and what it was asked. */
  view(root: Root, wanted: boolean): { readonly view: View; readonly reads: () => readonly string[] };
  /** What a service publishes once it has done what its compile asks for. */
  service(root: ServiceRoot): Promise<ServiceOutput | undefined>;
  /** What a target group publishes for which there is no room. */
  refusal(root: Root): Promise<Output | undefined>;
}

/** Reads the documents of an `in.yaml`. Throws for one that does not parse: then the pair says nothing. */
export function sceneOf(text: string): Scene {
  const documents = parseAllDocuments(text).map((one): unknown => one.toJS());
  const [first] = documents;
  const isFacts = typeof first === "object" && first !== null && !("kind" in first);
  return sceneFrom(documents.slice(isFacts ? 1 : 0).map(objectOf), facts.parse(isFacts ? first : {}));
}

/** The scene of objects that are made already. */
export function sceneFrom(given: readonly ClusterObject[], says: ToldFacts): Scene {
  const told = facts.parse(says);
  const objects = completed(given);
  const byKey = new Map(objects.map((one) => [keyOf(refTo(east, one)), one]));
  const unknown = new Set(told.unknown);
  const scene: Scene = {
    objects,
    async service(root) {
      const compiled = await compile(root, scene.view(root, true).view);
      const { want, refuses = {}, declines } = compiled;
      const its = told.standings[rootKey(root)];
      if (want.is === "absent" || its === "none") return undefined;
      const serves = its === "older" ? {} : (compiled.serves ?? {});
      const model = want.is === "model" && want.model.kind === "service" ? want.model : undefined;
      const [name, id] = [model?.name ?? "", `svc-${root.name}`];
      const networks = model?.networks.map((one) => one.id) ?? [];
      const dnsName = `${root.name}${root.gateway === undefined ? "" : `-${root.gateway.name}`}.on.aws`;
      const at = { id, arn: `arn:${id}`, name, dnsName, hostname: model?.customDomainName, networks };
      const said = standingOf(compiled);
      const standing = said.is === "programmed" && typeof its === "object" ? its : said;
      const unready = Object.fromEntries(
        Object.entries(compiled.unready ?? {}).map(([route, all]) => [route, all.map((one) => one.backend)]),
      );
      const more = {
        ...(want.is === "model" && { at, unready, lost: compiled.lost }),
        ...(declines && { declines }),
      };
      return { kind: "service", standing, serves, refuses, ...more };
    },
    async refusal(root) {
      if (root.kind !== "target-group" || told.usage["targetGroupsPerRegion"] === undefined) return undefined;
      const { want } = await compile(root, scene.view(root, true).view);
      return want.is === "wait"
        ? { kind: "failure", trouble: { is: "refused", message: want.why.join("; ") } }
        : undefined;
    },
    view(root, wanted) {
      const reads = new Set<string>();
      const view: View = {
        own: {
          name: told.names[rootKey(root)],
          incarnation: 0,
          wanted,
          services: (told.services[rootKey(root)] ?? []).map(asRootKey),
          gateways: [],
          claims: claimsOf(root, told),
          serves: told.serves[rootKey(root)] ?? [],
          declines: told.declines[rootKey(root)] ?? [],
          certificate: told.certified[rootKey(root)],
          uses: [],
          groups: [],
          networks: told.isIn[rootKey(root)] ?? claimsOf(root, told).map((one) => one.network),
          hostname: told.domains[rootKey(root)],
          told: told.told.includes(rootKey(root)),
          exists: told.names[rootKey(root)] !== undefined,
        },
        installation: { name: "espalier" },
        async object<K extends Kind>(ref: ObjectRef<K>) {
          reads.add(objectRead(ref));
          const object = byKey.get(keyOf(ref));
          if (object !== undefined) return { is: "known", object: object as never };
          return unknown.has(`${ref.kind} ${ref.namespace}/${ref.name}`)
            ? { is: "unknown" }
            : { is: "missing" };
        },
        async list<K extends Kind>(_cluster: typeof east, index: Index & { readonly kind: K }) {
          const key = indexRead(east, index);
          reads.add(key);
          const found = objects.filter((one) => indexesOf(one).some((each) => indexRead(east, each) === key));
          return found as never;
        },
        async output(key) {
          reads.add(outputRead(key));
          const its = parseRoot(key);
          // A service looks at another only to see what has become of that one in Lattice.
          if (its.kind === "service" && root.kind === "service")
            return told.standings[key] === "none" ? undefined : soughtAt(told.isIn[key] ?? []);
          if (its.kind === "service") return scene.service(its);
          return (await scene.refusal(its)) ?? outputOf(key, told);
        },
        async holder({ network, hostname }) {
          reads.add(`holder#${network}#${hostname}`);
          const holder = told.holders[`${network} ${hostname}`];
          return holder && { root: asRootKey(holder.root), gateway: holder.gateway };
        },
        async certificates() {
          reads.add("certificates");
          if (told.certificates === "unknown") return {};
          return Array.isArray(told.certificates) ? { all: told.certificates } : told.certificates;
        },
        async cluster() {
          reads.add("cluster#east");
          return clusterFacts(told);
        },
        usage: async ({ quota, network }) =>
          told.usage[network === undefined ? quota : `${quota} ${network}`] ?? 0,
        quotas: async () => ({ ...defaultQuotas, ...told }),
      };
      return { view, reads: () => [...reads].toSorted() };
    },
  };
  return scene;
}

/** The hostnames that a root holds. */
const claimsOf = (root: Root, { holders }: Facts): View["own"]["claims"] =>
  Object.entries(holders).flatMap(([at, holder]) => {
    const [network = "", hostname = ""] = at.split(" ");
    return holder.root === rootKey(root)
      ? [{ account, region: here, network, hostname, gateway: holder.gateway }]
      : [];
  });

const account = accountId("111122223333");
const here = region("eu-central-1");

const clusterFacts = (told: Facts): ClusterFacts => ({
  registration: {
    cluster: east,
    account,
    region: here,
    vpc: "vpc-0123456789abcdef0",
    eks: "east",
    profile: told.profile,
    ...(told.network === undefined ? {} : { network: told.network }),
    roles: {},
  },
  listed: Object.keys(kinds) as Kind[],
  applied: told.applied,
  failedWatches: told.failedWatches,
  ...(told.hold === undefined ? {} : { hold: told.hold }),
});
