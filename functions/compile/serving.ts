import type { Registration } from "../model/cluster.ts";
import type { ListenerModel, ServiceModel, Tags, Trouble } from "../model/lattice.ts";
import type { Quotas, Use } from "../model/limits.ts";
import type { Gateway, Listener } from "../model/objects.ts";
import type { Route } from "../model/routes.ts";
import type { ServiceRoot } from "../model/roots.ts";
import type { ActionContext } from "./action.ts";
import { waitToBeMended, waitToKnow, type Claim, type Compiled } from "./compiled.ts";
import { byAge } from "./listeners.ts";
import { lookAfter } from "./lookedafter.ts";
import { listenerName } from "./names.ts";
import { keptNetworks, networksOf, waitForNetworks } from "./networks.ts";
import { passthrough, withOnePassedThrough } from "./passthrough.ts";
import { tooMany } from "./quota.ts";
import { compileRules, textOf, type Attached, type CompiledRules } from "./rules.ts";
import { roomFor } from "./usage.ts";
import { certificateOf, ofHttps, withoutTls } from "./servedcertificate.ts";
import { closedTo, shadowed, unserved } from "./unserved.ts";
import { unreadyByRoute } from "./unready.ts";
import type { View } from "./view.ts";

/** A listener that a service should have: a port of listeners of Gateways, with the routes that they take for its hostname. */
export interface ServedPort {
  readonly port: number;
  readonly protocol: ListenerModel["protocol"];
  /** The listeners of Gateways that it stands for. */
  readonly listeners: readonly Listener[];
  readonly attached: readonly Attached[];
}

/** All that a service is made of. */
export interface Serving {
  readonly root: ServiceRoot;
  readonly registration: Registration;
  readonly name: string;
  readonly customDomainName?: string | undefined;
  readonly tags: Tags;
  /** The Gateways in whose networks it is; empty: it stands alone. */
  readonly gateways: readonly Gateway[];
  /** The routes that count on it. */
  readonly asking: readonly Route[];
  readonly ports: readonly ServedPort[];
  /** In profile `incumbent`: the listeners that its route names, in order. */
  readonly named?: readonly Listener[] | undefined;
  readonly claims: readonly Claim[];
  /** What is wrong with the annotations of routes that it serves. */
  readonly mistakes: readonly { readonly route: Route; readonly mistake: string }[];
  readonly lenient: boolean;
  /** Where routes share no service: what keeps it out of networks in which another has its hostname, and whether that is all. */
  readonly rivals?: { readonly wait: Compiled | undefined; readonly taken: readonly string[] } | undefined;
}

/** The protocol of the Lattice listener for a listener of a Gateway. */
export const latticeProtocol = (listener: Listener): ListenerModel["protocol"] =>
  listener.protocol === "TLS" ? "TLS_PASSTHROUGH" : listener.protocol === "HTTPS" ? "HTTPS" : "HTTP";

/**
 * What Lattice should hold for a service. One that breaks a quota, has no network yet or nothing but
 * HTTPS and no certificate asks for no target group, and what is there already stays.
 */
export async function serve(view: View, asked: Serving): Promise<Compiled> {
  const serving = { ...asked, ports: asked.ports.map(withOnePassedThrough) };
  const { registration, claims } = serving;
  const refuses = shadowed(asked, serving.ports);
  const about = { name: serving.name, serves: generationsOf(serving.ports), claims, refuses };
  const wait = async (compiled: Compiled): Promise<Compiled> => {
    await keepLookedAfter(view, serving);
    return { ...about, ...compiled };
  };
  const { account, region } = registration;
  const quotas = await view.quotas(account, region);
  const refused = await refusalOf(view, serving, quotas);
  if (refused !== undefined)
    return (await withoutNewcomers(view, asked, quotas, refused)) ?? wait(waitToBeMended(refused));
  if (serving.rivals?.wait !== undefined) return wait(serving.rivals.wait);
  const { networks, unclear } = await networksOf(view, registration, serving.gateways);
  if (serving.gateways.length > 0 && networks.length === 0)
    return wait(await waitForNetworks(view, registration, serving.gateways));
  const room = await roomOf(view, registration, networks, quotas);
  if ("refused" in room) return wait(waitToBeMended(...room.refused));
  const certificate = await certificateOf(view, serving);
  if (certificate.is === "unknown") return wait(waitToKnow(certificate.why));
  const closed = certificate.is === "refused" ? certificate.why : undefined;
  const open = serving.ports.some(({ protocol }) => protocol !== "HTTPS");
  if (closed !== undefined && (serving.lenient || !open)) return wait(waitToBeMended(closed));
  const seen = (await listeners(view, serving, "seen")).map((one) => certified(one, closed === undefined));
  const model: ServiceModel = {
    kind: "service",
    account,
    region,
    name: view.own.name ?? serving.name,
    ...(serving.customDomainName === undefined ? {} : { customDomainName: serving.customDomainName }),
    ...(certificate.is === "arn" ? { certificateArn: certificate.arn } : {}),
    tags: serving.tags,
    networks: room.networks,
    ...keptNetworks(serving.lenient ? [] : claims, networks, unclear),
    listeners: seen.map((one) => one.model),
  };
  const full = [...room.full, ...(serving.rivals?.taken ?? [])].map((message): Trouble => ({
    is: "refused",
    message,
  }));
  const ofRules = seen.flatMap(({ compiled }) => compiled.troubles);
  const troubles = once([
    ...ofRules.map(({ route, ...one }) => ({ ...one, routes: [routeText(route)] })),
    ...full,
  ]);
  const unanswered = closedTo(
    serving,
    seen.map((one) => one.model.port),
  );
  return {
    want: { is: "model", model },
    reports: [],
    ...about,
    uses: room.uses,
    refuses: { ...refuses, ...unanswered, ...(closed === undefined ? {} : withoutTls(serving, closed)) },
    ...(certificate.is === "arn" && certificate.lost !== undefined
      ? { lost: ofHttps(serving, certificate.lost) }
      : {}),
    unready: unreadyByRoute(seen.flatMap((one) => one.compiled.unready)),
    troubles,
    owners: ownersOf(seen),
  };
}

/** Whose the rules of a service are, by `PORT FROM`. */
const ownersOf = (seen: readonly CompiledListener[]): NonNullable<Compiled["owners"]> =>
  Object.fromEntries(
    seen.flatMap(({ model, compiled }) =>
      compiled.owners.map(([from, route]) => [`${model.port} ${from}`, routeText(route)]),
    ),
  );

/**
 * What was taken over and cannot change serves on as the in-cluster controller has left it, so its pods must be followed: that is
 * done for the target groups whose outputs are looked at, of whatever the routes send to.
 */
async function keepLookedAfter(view: View, { root, lenient, ports, mistakes }: Serving): Promise<void> {
  if (!lenient || !view.own.exists) return;
  const served = ports.flatMap(({ attached }) => attached.map(({ route }) => route));
  for (const route of new Set([...served, ...mistakes.map((one) => one.route)]))
    await lookAfter(view, root, route);
}

/** Several rules have a target group in common, and say the same of it. */
function once(troubles: readonly Trouble[]): readonly Trouble[] {
  const found = new Map<string, Trouble>();
  for (const one of troubles) {
    const before = found.get(one.message);
    const routes = before === undefined ? one.routes : before.routes && one.routes?.concat(before.routes);
    found.set(one.message, { ...one, ...(routes && { routes: [...new Set(routes)] }) });
  }
  return [...found.values()];
}

/** Why a service cannot be what its routes ask for together, or undefined. */
async function refusalOf(view: View, serving: Serving, quotas: Quotas): Promise<string | undefined> {
  const named = await listeners(view, serving, "named");
  const bad = named.flatMap((one) => one.compiled.badNumbers ?? []);
  const models = named.map((one) => one.model);
  return mistaken(serving) ?? tooMany(models, quotas) ?? bad[0] ?? unserved(serving, named);
}

/**
 * Why a service stands still as a whole when one of its routes has a mistake in an annotation: which rules in Lattice were that
 * route's is not known any more once it has changed, and they are to stay.
 */
const mistaken = ({ mistakes }: Serving): string | undefined =>
  mistakes.length === 0
    ? undefined
    : `${mistakes.map(({ route, mistake }) => `${textOf(route)}: ${mistake}`).join("; ")}; until that is mended, the service stands still with all its routes`;

/**
 * What a service is when it cannot have all of its routes: those that it serves are not bothered, and of those that are new, the older
 * first, each that fits is taken in. Undefined when none is new, or none can be had; the default service of a Gateway goes on with none,
 * because it is the Gateway's address.
 */
async function withoutNewcomers(
  view: View,
  asked: Serving,
  quotas: Quotas,
  why: string,
): Promise<Compiled | undefined> {
  const all = new Set(asked.ports.flatMap(({ attached }) => attached.map(({ route }) => route)));
  const isNew = (route: Route): boolean => !view.own.serves.includes(routeText(route));
  const fresh = [...all].filter(isNew).toSorted(byAge);
  if (fresh.length === 0) return undefined;
  const refused = new Map(fresh.map((route) => [route, why]));
  const rest = (): Serving => ({
    ...asked,
    asking: asked.asking.filter((route) => !refused.has(route)),
    ports: asked.ports
      .map((port) => ({ ...port, attached: port.attached.filter(({ route }) => !refused.has(route)) }))
      .filter(({ attached }) => attached.length > 0),
  });
  const wrongWith = (some: Serving): Promise<string | undefined> =>
    refusalOf(view, { ...some, ports: some.ports.map(withOnePassedThrough) }, quotas);
  if ((await wrongWith(rest())) === undefined)
    for (const route of fresh) {
      refused.delete(route);
      const wrong = await wrongWith(rest());
      if (wrong !== undefined) refused.set(route, wrong);
    }
  if (refused.size === all.size && !isAddress(asked.root)) return undefined;
  const compiled = await serve(view, rest());
  const told = Object.fromEntries([...refused].map(([route, reason]) => [routeText(route), reason]));
  return { ...compiled, refuses: { ...compiled.refuses, ...told } };
}

/** Whether a service is there without routes too: the default service of a Gateway, which is its address. */
const isAddress = ({ of, hostname }: ServiceRoot): boolean => of === "Gateway" && hostname === "";

/**
 * The networks in which there is room for a service, or why none is made: there is none for it in its region, or in any of its
 * networks.
 */
async function roomOf(
  view: View,
  { account, region }: Registration,
  networks: ServiceModel["networks"],
  quotas: Quotas,
) {
  const here = { account, region };
  const own = await roomFor(view, [{ ...here, quota: "servicesPerRegion" }], quotas);
  if (own.full.length > 0) return { refused: own.full.map(({ why }) => why) };
  const wanted = networks.map(({ id }): Use => ({ ...here, quota: "servicesPerNetwork", network: id }));
  const { uses, full } = await roomFor(view, wanted, quotas);
  const whys = full.map(({ why }) => why);
  const open = networks.filter(({ id }) => uses.some(({ use }) => use.network === id));
  if (networks.length > 0 && open.length === 0) return { refused: whys };
  return { networks: open, uses: [...own.uses, ...uses], full: whys };
}

interface CompiledListener {
  readonly model: ListenerModel;
  readonly compiled: CompiledRules;
}

/** An HTTPS listener of a service without a certificate. The others go on. */
const certified = (one: CompiledListener, isCertified: boolean): CompiledListener =>
  isCertified || one.model.protocol !== "HTTPS"
    ? one
    : { ...one, model: { ...one.model, uncertified: true } };

async function listeners(
  view: View,
  serving: Serving,
  groups: ActionContext["groups"],
): Promise<readonly CompiledListener[]> {
  const { root, lenient } = serving;
  const context: ActionContext = { view, root, lenient, groups };
  const made: CompiledListener[] = [];
  for (const { port, protocol, attached } of serving.ports) {
    const name = listenerName(root, port, protocol);
    if (protocol === "TLS_PASSTHROUGH") {
      const its = await passthrough(context, attached);
      if (its !== undefined)
        made.push({
          model: { name, port, protocol, rules: [], defaultAction: its.action, unusable: its.unusable },
          compiled: { rules: [], troubles: its.troubles, owners: [["", its.route]], unready: its.unready },
        });
      continue;
    }
    const compiled = await compileRules(context, attached);
    const model: ListenerModel = {
      name,
      port,
      protocol,
      defaultAction: { do: "fixed", status: 404 },
      unusable: [],
      rules: compiled.rules,
      ...(lenient ? { dense: true } : {}),
    };
    made.push({ model, compiled });
  }
  return made.toSorted((a, b) => a.model.port - b.model.port);
}

/** The generations of the routes of some ports, by `KIND/NAMESPACE/NAME`. */
const generationsOf = (ports: readonly ServedPort[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    ports.flatMap(({ attached }) =>
      attached.map(({ route }) => [routeText(route), route.metadata.generation] as const),
    ),
  );

/** How a service names the routes that it serves: `KIND/NAMESPACE/NAME`. */
export const routeText = ({ kind, metadata: { namespace, name } }: Route): string =>
  `${kind}/${namespace}/${name}`;
