import type { Listener } from "../../infra/local/lattice/state.ts";
import { rootTagKey } from "../../functions/model/tags.ts";
import type { Prng } from "./prng.ts";
import { place } from "./place.ts";
import type { World } from "./world.ts";

/** Who changes in Lattice what is ours, behind our back: a person at the console, another controller. */
const outsider = { account: place.account, region: place.region, principal: "somebody" };
const broken = { fixedResponse: { statusCode: 500 } };

/** One change of a listener or rule of ours, which only a visit can find; answers what it was, or undefined when nothing is there. */
export function meddle(world: World, random: Prng): string | undefined {
  const services = [...world.engine.state(place).services.values()].filter(
    (one) => one.tags[rootTagKey] !== undefined && one.listeners.size > 0,
  );
  if (services.length === 0) return undefined;
  const service = random.pick(services);
  const listener = random.pick([...service.listeners.values()]);
  const call = meddling(listener, random);
  const its = { serviceIdentifier: service.id, listenerIdentifier: listener.id };
  try {
    world.engine.call(outsider, call.operation, { ...its, ...call.input });
  } catch (error) {
    return `somebody tries ${call.operation} on ${listener.id}: ${String(error)}`;
  }
  return `somebody calls ${call.operation} on ${listener.id}`;
}

function meddling(
  listener: Listener,
  random: Prng,
): { readonly operation: string; readonly input: Readonly<Record<string, unknown>> } {
  const rules = [...listener.rules.values()];
  const choice = random.below(4);
  if (listener.protocol !== "TLS_PASSTHROUGH" && rules.length > 0) {
    const ruleIdentifier = random.pick(rules).id;
    if (choice === 0) return { operation: "DeleteRule", input: { ruleIdentifier } };
    if (choice < 3) return { operation: "UpdateRule", input: { ruleIdentifier, action: broken } };
  }
  if (listener.protocol === "TLS_PASSTHROUGH" || choice < 2)
    return { operation: "DeleteListener", input: {} };
  return { operation: "UpdateListener", input: { defaultAction: broken } };
}
