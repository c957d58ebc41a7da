import type * as sdk from "@aws-sdk/client-vpc-lattice";
import { LatticeError, notSent, type How, type Lattice } from "./lattice.ts";
import { commands, requestIdOf, type Ask } from "./operations.sdk.ts";
import { associations, networksAndServices } from "./services.sdk.ts";
import { listeners, rules } from "./listeners.sdk.ts";
import { targetGroups } from "./targetgroups.sdk.ts";

/** Makes one call of an operation by its name. What it throws has a name, a message and perhaps `$metadata`. */
export type Call = (operation: string, input: unknown, how?: How) => Promise<unknown>;

/** The official client, twice: Gets of what is in progress go through one of their own, see `forPolls`. */
export interface Clients {
  readonly calls: sdk.VPCLatticeClient;
  readonly polls: sdk.VPCLatticeClient;
}

/** The port over the official client. Each attempt of a call asks `maySend` in the last moment, see `LatticeIn`. */
export function latticeOfSdk({ calls, polls }: Clients, maySend: () => boolean): Lattice {
  return latticeOver(async (operation, input, how) => {
    const Command = commands[operation];
    if (Command === undefined) throw new TypeError(`no such operation: ${operation}`);
    // Whichever command it is, what is done with it here is the same.
    const command = new Command(input as never) as sdk.GetServiceCommand;
    command.middlewareStack.add(
      (next) => (args) => {
        if (!maySend()) throw notSent(operation);
        return next(args);
      },
      // The last step before the request is written, inside of the retries.
      { step: "deserialize", priority: "low", name: "espalierMaySend" },
    );
    return (how === "poll" ? polls : calls).send(command);
  });
}

/** Makes every call of a client bear a header, by which polls are counted apart from other calls. */
export function forPolls(client: sdk.VPCLatticeClient): sdk.VPCLatticeClient {
  client.middlewareStack.add(
    (next) => (args) => {
      const { request } = args;
      if (
        typeof request === "object" &&
        request !== null &&
        "headers" in request &&
        typeof request.headers === "object"
      ) {
        Object.assign(request.headers ?? {}, { "x-espalier-poll": "1" });
      }
      return next(args);
    },
    { step: "build", name: "espalierPoll" },
  );
  return client;
}

/**
 * The port over any way to make a call. Whatever a call throws becomes a LatticeError; an answer that lacks what the API
 * promises does too, because nothing can be built on it.
 */
export function latticeOver(call: Call): Lattice {
  const ask: Ask = async (operation, input, how) => {
    try {
      // The operation's name decides the shape of its answer.
      return (await call(operation, input, how)) as never;
    } catch (error) {
      throw latticeError(operation, error);
    }
  };
  return {
    ...networksAndServices(ask),
    ...associations(ask),
    ...listeners(ask),
    ...rules(ask),
    ...targetGroups(ask),
  };
}

function latticeError(operation: string, error: unknown): LatticeError {
  if (error instanceof LatticeError) return error;
  if (!(error instanceof Error))
    return new LatticeError(operation, "Unknown", String(error), { cause: error });
  const requestId = requestIdOf(error);
  const retryAfterSeconds =
    "retryAfterSeconds" in error && typeof error.retryAfterSeconds === "number"
      ? error.retryAfterSeconds
      : undefined;
  // Only an answer of Lattice has an exception's name; all else means that nobody knows what came of the call.
  const code = error.name.endsWith("Exception") ? error.name : "Unknown";
  return new LatticeError(operation, code, error.message, { requestId, retryAfterSeconds, cause: error });
}
