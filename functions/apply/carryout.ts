import type { EpochMs } from "../model/ids.ts";
import type {
  Observed,
  ObservedListener,
  ObservedRule,
  ObservedService,
  ObservedTargetGroup,
  Tags,
  Target,
} from "../model/lattice.ts";
import type { Change, RuleUpdate } from "../plan/change.ts";
import { LatticeError, type EntryFailure, type Lattice } from "./lattice.ts";
import { slotOf, type Tokens } from "./tokens.ts";

/** What there is after one change, and what failed of a change of which the rest was done. */
interface CarriedOut {
  readonly observed: Observed | undefined;
  readonly failure?: LatticeError | undefined;
}

type Doing = Exclude<Change, { do: "leave" }>;

/** Makes the one call of a change, and answers what is there afterwards. Throws LatticeError when nothing was done. */
export async function carryOut(
  change: Doing,
  have: Observed | undefined,
  lattice: Lattice,
  { tokens, now }: { readonly tokens: Tokens; readonly now: EpochMs },
): Promise<CarriedOut> {
  switch (change.do) {
    case "tag":
      await lattice.tag(change.arn, change.tags);
      return { observed: bearing(have) };
    case "create-service": {
      const { name, customDomainName, certificateArn, tags } = change.model;
      const head = await lattice.createService({
        name,
        customDomainName,
        certificateArn,
        tags,
        token: tokenOf(change, tokens),
      });
      const made = { ours: "ours", readAt: now, associations: [], listeners: [] } as const;
      return { observed: { kind: "service", ...head, ...made } };
    }
    case "create-target-group": {
      const { name, config, tags } = change.model;
      const head = await lattice.createTargetGroup({ name, config, tags, token: tokenOf(change, tokens) });
      const made = { ours: "ours", readAt: now, targets: [], draining: 0 } as const;
      return { observed: { kind: "target-group", ...head, ...made } };
    }
    case "register":
    case "deregister":
    case "delete-target-group":
      return onTargetGroup(change, targetGroup(have), lattice);
    case "update-service":
    case "delete-service":
    case "associate":
    case "disassociate":
      return onService(change, service(have), lattice, tokens);
    case "create-listener":
    case "update-listener":
    case "delete-listener":
      return onListener(change, service(have), lattice, tokens);
    case "create-rule":
    case "update-rules":
    case "delete-rule":
      return onRules(change, service(have), lattice, tokens);
  }
}

/** What there is, once it bears our tags. */
const bearing = (have: Observed | undefined): Observed | undefined =>
  have === undefined || have.kind === "service-network" ? have : { ...have, ours: "ours" };

async function onTargetGroup(
  change: Extract<Doing, { do: "register" | "deregister" | "delete-target-group" }>,
  have: ObservedTargetGroup,
  lattice: Lattice,
): Promise<CarriedOut> {
  switch (change.do) {
    case "delete-target-group": {
      await lattice.deleteTargetGroup(have.id);
      return { observed: { ...have, lifecycle: "deleting" } };
    }
    case "register": {
      const { failed } = await lattice.registerTargets(have.id, change.targets);
      const registered = without(change.targets, failed);
      return {
        observed: { ...have, targets: sorted([...have.targets, ...registered]) },
        failure: entryFailure("RegisterTargets", failed),
      };
    }
    case "deregister": {
      const { failed } = await lattice.deregisterTargets(have.id, change.targets);
      const gone = new Set(without(change.targets, failed).map(address));
      return {
        observed: { ...have, targets: have.targets.filter((target) => !gone.has(address(target))) },
        failure: entryFailure("DeregisterTargets", failed),
      };
    }
  }
}

async function onService(
  change: Extract<Doing, { do: "update-service" | "delete-service" | "associate" | "disassociate" }>,
  have: ObservedService,
  lattice: Lattice,
  tokens: Tokens,
): Promise<CarriedOut> {
  switch (change.do) {
    case "update-service":
      await lattice.updateService(have.id, change.certificateArn);
      return { observed: { ...have, certificateArn: change.certificateArn } };
    case "delete-service":
      await lattice.deleteService(have.id);
      return { observed: { ...have, lifecycle: "deleting", listeners: [] } };
    case "associate": {
      const input = {
        service: have.id,
        networkArn: change.network.arn,
        tags: partTags(change.model.tags),
        token: tokenOf(change, tokens),
      };
      const made = await lattice.createAssociation(input);
      return { observed: { ...have, associations: [...have.associations, made] } };
    }
    case "disassociate": {
      const lifecycle = await lattice.deleteAssociation(change.association);
      const associations = have.associations.map((one) =>
        one.id === change.association ? { ...one, lifecycle } : one,
      );
      return { observed: { ...have, associations } };
    }
  }
}

async function onListener(
  change: Extract<Doing, { do: "create-listener" | "update-listener" | "delete-listener" }>,
  have: ObservedService,
  lattice: Lattice,
  tokens: Tokens,
): Promise<CarriedOut> {
  switch (change.do) {
    case "create-listener": {
      const { defaultAction } = change;
      const { name, port, protocol } = change.listener;
      const made = await lattice.createListener({
        service: have.id,
        name,
        port,
        protocol,
        defaultAction,
        tags: partTags(change.model.tags),
        token: tokenOf(change, tokens),
      });
      return { observed: { ...have, listeners: [...have.listeners, { ...made, rules: [] }] } };
    }
    case "update-listener":
      await lattice.updateListener(have.id, change.listener.id, change.defaultAction);
      return {
        observed: withListener(have, change.listener.port, (one) => ({
          ...one,
          defaultAction: change.defaultAction,
          lastUpdatedAt: undefined,
        })),
      };
    case "delete-listener":
      await lattice.deleteListener(have.id, change.listener.id);
      return {
        observed: { ...have, listeners: have.listeners.filter((one) => one.id !== change.listener.id) },
      };
  }
}

async function onRules(
  change: Extract<Doing, { do: "create-rule" | "update-rules" | "delete-rule" }>,
  have: ObservedService,
  lattice: Lattice,
  tokens: Tokens,
): Promise<CarriedOut> {
  const listener = have.listeners.find((one) => one.port === change.port);
  if (listener === undefined)
    throw new LatticeError(
      change.do,
      "ResourceNotFoundException",
      `there is no listener on port ${change.port}`,
    );
  const replace = (rules: readonly ObservedRule[]): ObservedService =>
    withListener(have, change.port, (one) => ({
      ...one,
      rules: rules.toSorted((a, b) => a.priority - b.priority),
    }));
  switch (change.do) {
    case "create-rule": {
      const { name, match, priority, action, model } = change;
      const made = await lattice.createRule({
        service: have.id,
        listener: listener.id,
        name,
        match,
        priority,
        action,
        tags: partTags(model.tags),
        token: tokenOf(change, tokens),
      });
      return { observed: replace([...listener.rules, made]) };
    }
    case "update-rules": {
      const { done, failed } = await update(change.updates, have.id, listener, lattice);
      const updated = new Map(done.map((rule) => [rule.id, rule]));
      return {
        observed: replace(listener.rules.map((rule) => updated.get(rule.id) ?? rule)),
        failure: entryFailure("BatchUpdateRule", failed),
      };
    }
    case "delete-rule":
      await lattice.deleteRule(have.id, listener.id, change.rule.id);
      return { observed: replace(listener.rules.filter((rule) => rule.id !== change.rule.id)) };
  }
}

/** One update is UpdateRule; several are one BatchUpdateRule. */
async function update(
  updates: readonly RuleUpdate[],
  service: string,
  listener: ObservedListener,
  lattice: Lattice,
): Promise<{ readonly done: readonly ObservedRule[]; readonly failed: readonly EntryFailure[] }> {
  const changes = updates.map(({ rule, ...rest }) => ({ id: idOf(rule, listener), ...rest }));
  const [only, ...others] = changes;
  if (only === undefined) return { done: [], failed: [] };
  if (others.length === 0)
    return { done: [await lattice.updateRule(service, listener.id, only)], failed: [] };
  return lattice.batchUpdateRules(service, listener.id, changes);
}

function idOf(name: string, listener: ObservedListener): string {
  const found = listener.rules.find((rule) => rule.name === name);
  if (found === undefined) throw new TypeError(`listener ${listener.id} has no rule ${name} to update`);
  return found.id;
}

function withListener(
  have: ObservedService,
  port: number,
  step: (listener: ObservedListener) => ObservedListener,
): ObservedService {
  return { ...have, listeners: have.listeners.map((one) => (one.port === port ? step(one) : one)) };
}

/** Of several entries that failed, the first speaks for all: their reasons rarely differ. */
function entryFailure(operation: string, failed: readonly EntryFailure[]): LatticeError | undefined {
  const [first] = failed;
  if (first === undefined) return undefined;
  return new LatticeError(
    operation,
    first.code,
    `${failed.length} entries failed, the first of them ${first.entry}: ${first.message}`,
    { requestId: first.requestId },
  );
}

/** The tags of what is part of a service: whose it is, without what only a service says. */
const partTags = (tags: Tags): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !/\/Route(Name|Namespace|Type)$/.test(key)));

const address = (target: Target): string => `${target.id}:${target.port}`;
const sorted = (targets: readonly Target[]): readonly Target[] =>
  targets.toSorted((a, b) => (address(a) < address(b) ? -1 : 1));
const without = (targets: readonly Target[], failed: readonly EntryFailure[]): readonly Target[] => {
  const entries = new Set(failed.map((one) => one.entry));
  return targets.filter((target) => !entries.has(address(target)));
};

function tokenOf(change: Doing, tokens: Tokens): string {
  const slot = slotOf(change);
  const token = slot === undefined ? undefined : tokens[slot];
  if (token === undefined)
    throw new TypeError(`no client token was stored for ${String(slot)}: a create must be repeatable`);
  return token;
}

function service(have: Observed | undefined): ObservedService {
  if (have?.kind === "service") return have;
  throw new LatticeError("", "ResourceNotFoundException", "the service of this plan does not exist");
}

function targetGroup(have: Observed | undefined): ObservedTargetGroup {
  if (have?.kind === "target-group") return have;
  throw new LatticeError("", "ResourceNotFoundException", "the target group of this plan does not exist");
}
