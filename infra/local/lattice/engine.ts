import { conflict, invalid, LatticeFault } from "./fault.ts";
import type { Context, Handler, Input } from "./context.ts";
import { groupHandlers } from "./groups.ts";
import { listenerHandlers } from "./listeners.ts";
import { createPropagation, type Configuration, type Propagation } from "./propagation.ts";
import {
  connect,
  route,
  type Answered,
  type Connected,
  type ConnectRequest,
  type RouteRequest,
} from "./routing.ts";
import { serviceHandlers } from "./services.ts";
import { defaultSettings, type Settings } from "./settings.ts";
import { emptyState, settle, type State } from "./state.ts";
import { tagHandlers } from "./tags.ts";
import { createThrottle, type Throttle } from "./throttle.ts";
import { answerOf, operations } from "./model.ts";
import { validate } from "./validate.ts";

export interface Caller {
  readonly account: string;
  readonly region: string;
}

/** A failure that is asked for: of the next calls of one operation, or of all. */
export interface Injected {
  readonly operation?: string | undefined;
  readonly kind: "throttle" | "conflict" | "internal" | "create-failed" | "lost-response";
  readonly times?: number | undefined;
}

export interface EngineOptions {
  readonly clock: { now(): number };
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  readonly settings?: Partial<Settings> | undefined;
}

/** VPC Lattice in memory, without a wire: control plane and routing, driven by the clock that it is given. */
export interface LatticeEngine {
  /** Makes a call and answers its output. Throws LatticeFault. */
  call(caller: Caller, operation: string, input: unknown): unknown;
  /** Answers a request of the data plane, by the configuration as far as it has propagated. */
  route(caller: Caller, request: RouteRequest): Answered;
  /** Says what becomes of a TLS connection, likewise. */
  connect(caller: Caller, request: ConnectRequest): Connected;
  /** What is there now, for whoever judges. */
  state(caller: Caller): State;
  fault(next: Injected): void;
  readonly settings: Settings;
}

const handlers: Readonly<Record<string, Handler>> = {
  ...serviceHandlers,
  ...listenerHandlers,
  ...groupHandlers,
  ...tagHandlers,
};
const tokenLifeMs = 24 * 3_600_000;

interface Region {
  readonly state: State;
  readonly propagation: Propagation;
  readonly throttle: Throttle;
}

export function createLattice(options: EngineOptions): LatticeEngine {
  const { clock, random } = options;
  const settings: Settings = { ...defaultSettings, ...options.settings };
  const regions = new Map<string, Region>();
  const injected: { operation: string | undefined; kind: Injected["kind"]; times: number }[] = [];

  function regionOf(caller: Caller): Region {
    const key = `${caller.account}/${caller.region}`;
    const known = regions.get(key) ?? {
      state: emptyState(),
      propagation: createPropagation(),
      throttle: createThrottle(settings),
    };
    regions.set(key, known);
    settle(known.state, clock.now());
    return known;
  }

  const hex = (): string => Math.floor(random() * 16).toString(16);
  const id = (prefix: string): string => `${prefix}0${Array.from({ length: 16 }, hex).join("")}`;

  function injection(operation: string): Injected["kind"] | undefined {
    const next = injected.find((one) => one.operation === undefined || one.operation === operation);
    if (next === undefined) return undefined;
    next.times -= 1;
    if (next.times === 0) injected.splice(injected.indexOf(next), 1);
    return next.kind;
  }

  function execute(
    region: Region,
    caller: Caller,
    operation: string,
    input: Input,
    failing: boolean,
  ): unknown {
    const handler = handlers[operation];
    if (handler === undefined)
      throw invalid(`the stand-in does not implement ${operation}`, [], "unknownOperation");
    const context: Context = { ...caller, state: region.state, now: clock.now(), settings, id, failing };
    return once(region.state, operation, input, clock.now(), () => handler(context, input));
  }

  /** What the data plane goes by is what was there at this time. */
  const propagatedAt = (): number => clock.now() - settings.propagationMs;
  const propagated = (caller: Caller): Configuration => regionOf(caller).propagation.at(propagatedAt());

  return {
    settings,
    state: (caller) => regionOf(caller).state,
    fault: ({ operation, kind, times = 1 }) => void injected.push({ operation, kind, times }),
    route: (caller, request) => route(propagated(caller), request, propagatedAt(), random),
    connect: (caller, request) => connect(propagated(caller), request, propagatedAt(), random),
    call(caller, operation, input) {
      const known = operations[operation];
      if (known === undefined) throw invalid(`there is no operation ${operation}`, [], "unknownOperation");
      const region = regionOf(caller);
      const kind = injection(operation);
      if (kind === "throttle")
        throw new LatticeFault("ThrottlingException", "Rate exceeded", { serviceCode: "vpc-lattice" }, 1);
      region.throttle.take(operation, clock.now());
      const valid = validate(known, input);
      if (kind === "internal")
        throw new LatticeFault("InternalServerException", "the stand-in was told to fail");
      if (kind === "conflict") throw conflict("the stand-in was told to refuse", "none", "NONE");
      const output: unknown = structuredClone(
        answerOf(known, execute(region, caller, operation, valid, kind === "create-failed")),
      );
      if (known.method !== "GET") region.propagation.changed(region.state, clock.now());
      if (kind === "lost-response")
        throw Object.assign(new Error("the answer was lost"), { name: "TimeoutError" });
      return output;
    },
  };
}

/** A repeated token answers what the first call answered, also when that resource is gone by now. */
function once(state: State, operation: string, input: Input, now: number, make: () => unknown): unknown {
  const { clientToken, ...rest } = input;
  if (typeof clientToken !== "string") return make();
  const key = `${operation}/${clientToken}`;
  const text = JSON.stringify(rest);
  const before = state.tokens.get(key);
  if (before !== undefined) {
    if (before.input !== text)
      throw conflict("the client token was used with other parameters", clientToken, "CLIENT_TOKEN");
    return before.output;
  }
  const output = make();
  state.tokens.set(key, { input: text, output: structuredClone(output), until: now + tokenLifeMs });
  return output;
}
