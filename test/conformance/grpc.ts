import type { GrpcAnswer } from "../../infra/local/wire/request.ts";
import { consistently, splitsBy, type Split } from "./traffic.ts";
import type { Check, Trial } from "./trial.ts";

const service = "/gateway_api_conformance.echo_basic.grpcecho.GrpcEcho";
const unimplemented = 12;

/** A unary call over HTTPS, and what must come back: a backend, or nothing that implements it. */
export interface Call {
  readonly method?: "Echo" | "EchoTwo" | "EchoThree" | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** What the pod's name begins with; none: the call is answered UNIMPLEMENTED. */
  readonly backend?: string | undefined;
}

/** What clients of gRPC make of an answer without a status of gRPC (gRPC, "HTTP to gRPC Status Code Mapping"). */
const grpcStatusOf = ({ grpcStatus, status }: GrpcAnswer): number =>
  grpcStatus ?? (status === 404 ? unimplemented : status === 503 ? 14 : 2);

/** Each call is answered as it should be, three times in a row. */
export const calls =
  (gateway: string, ...all: readonly Call[]): Check =>
  async (trial) => {
    await Promise.all(all.map((one) => consistently(() => tried(trial, gateway, one))));
  };

async function tried(trial: Trial, gateway: string, one: Call): Promise<string | undefined> {
  const { method = "Echo", metadata = {}, backend } = one;
  const answer = await send(trial, gateway, method, metadata);
  const where = `${method} ${JSON.stringify(metadata)}`;
  const status = grpcStatusOf(answer);
  const wanted = backend === undefined ? unimplemented : 0;
  if (status !== wanted) return `${where}: status ${status} of gRPC, not ${wanted}`;
  if (backend === undefined) return undefined;
  const { echoed } = answer;
  if (echoed?.path !== `${service}/${method}`) return `${where}: the pod saw ${echoed?.path}`;
  return echoed.pod.startsWith(backend) && echoed.namespace === "gateway-conformance-infra"
    ? undefined
    : `${where}: another pod answered, not ${backend}`;
}

async function send(
  trial: Trial,
  gateway: string,
  method: string,
  headers: Readonly<Record<string, string>>,
): Promise<GrpcAnswer> {
  const host = await trial.addressOf(gateway);
  return trial.call(gateway, 443, { host, path: `${service}/${method}`, headers, tls: { ca: trial.ca } });
}

/** A split of calls is that of the weights. */
export const splitsCalls =
  (gateway: string, split: Split): Check =>
  (trial) =>
    splitsBy(split, async () => {
      const { echoed, status } = await send(trial, gateway, "Echo", {});
      if (echoed === undefined) throw new Error(`a call of the split is answered ${status}`);
      return echoed.pod;
    });
