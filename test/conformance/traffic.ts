import { z } from "zod";
import type { Answer } from "../../infra/local/wire/request.ts";
import { pause, type Check, type Trial } from "./trial.ts";

export const caseSchema = z.object({
  path: z.string().default("/"),
  method: z.string().default("GET"),
  /** The Host header; without one it is the Gateway's address. */
  host: z.string().optional(),
  /** The listener's; 80 if none is given, and 443 with TLS. */
  port: z.number().optional(),
  headers: z.record(z.string(), z.string()).default({}),
  /** Whether it goes over TLS, with the host as the name that is asked for. */
  tls: z.enum(["terminate", "passthrough"]).optional(),
  status: z.number().default(200),
  /** What the pod's name begins with, and its namespace. */
  backend: z.string().optional(),
  ns: z.string().default("gateway-conformance-infra"),
});

/** A request, and what must come back. */
export type Case = z.input<typeof caseSchema>;
type FullCase = z.infer<typeof caseSchema>;

/** A split of requests over backends by weight. */
export const splitSchema = z.object({
  path: z.string().default("/"),
  requests: z.number(),
  concurrency: z.number(),
  tolerance: z.number(),
  retries: z.number(),
  weights: z.record(z.string(), z.number()),
});
export type Split = z.infer<typeof splitSchema>;

/** Three good answers one after the other, within half a minute; after a bad one a second passes (gateway-api, TimeoutConfig). */
const goodInARow = 3;
const consistentWithinMs = 30_000;
const afterBadMs = 1_000;
const answerWithinMs = 10_000;

/** Each case is answered as it should be, three times in a row. All cases are tried at the same time. */
export const answers =
  (gateway: string, ...cases: readonly Case[]): Check =>
  async (trial) => {
    await Promise.all(
      cases.map((one) => {
        const full = caseSchema.parse(one);
        return consistently(() => tried(trial, gateway, full));
      }),
    );
  };

/** A TLS connection by this name is broken off, before anything is answered. */
export const breaksOff =
  (gateway: string, host: string, port = 443): Check =>
  (trial) =>
    consistently(async () => {
      try {
        await trial.send(gateway, port, { host, tls: {} });
        return `a TLS connection for ${host} is answered`;
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        return /ECONNRESET|socket hang up|before secure TLS connection/.test(said) ? undefined : said;
      }
    });

/** Repeats a try until it is good three times in a row; throws its last complaint when it never is. */
export async function consistently(attempt: () => Promise<string | undefined>): Promise<void> {
  const end = Date.now() + consistentWithinMs;
  let good = 0;
  for (;;) {
    const complaint = await settled(attempt);
    good = complaint === undefined ? good + 1 : 0;
    if (good === goodInARow) return;
    if (complaint === undefined) continue;
    if (Date.now() > end) throw new Error(complaint);
    await pause(afterBadMs);
  }
}

/** What a try complains of, or that it threw or took too long. */
async function settled(attempt: () => Promise<string | undefined>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("no answer in time"), answerWithinMs);
  });
  try {
    return await Promise.race([attempt(), late]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}

async function tried(trial: Trial, gateway: string, one: FullCase): Promise<string | undefined> {
  const host = one.host ?? (await trial.addressOf(gateway));
  const port = one.port ?? (one.tls === undefined ? 80 : 443);
  const { path, method, headers, tls } = one;
  const answer = await trial.send(gateway, port, {
    host,
    path,
    method,
    headers,
    // Of TLS that is passed through, the pod itself has the certificate.
    tls: tls === undefined ? undefined : tls === "terminate" ? { ca: trial.ca } : {},
  });
  const where = `${method} ${one.host ?? "ADDRESS"}:${port}${path}`;
  if (answer.status !== one.status) return `${where}: ${answer.status}, not ${one.status}`;
  return one.status === 200 ? echoComplaint(answer, one, host, where) : undefined;
}

/** Why an answer is not that of the right backend to this very request. */
export function echoComplaint(
  { headers, echoed }: Answer,
  { path, method, backend, ns, tls }: FullCase,
  host: string,
  where: string,
): string | undefined {
  if (headers["content-type"] !== "application/json")
    return `${where}: content type ${String(headers["content-type"])}`;
  if (echoed === undefined) return `${where}: no pod answered`;
  if (echoed.path !== path || echoed.method !== method || echoed.host !== host)
    return `${where}: the pod saw ${echoed.method} ${echoed.host}${echoed.path}`;
  if (backend !== undefined && !echoed.pod.startsWith(backend))
    return `${where}: pod ${echoed.pod.replace(podSuffix, "")} answered, not ${backend}`;
  if (echoed.namespace !== ns) return `${where}: namespace ${echoed.namespace} answered, not ${ns}`;
  return tls === "passthrough" && echoed.tls?.sni !== host
    ? `${where}: the pod itself saw no TLS for ${host}`
    : undefined;
}

/** What a Deployment adds to its own name for a pod. */
const podSuffix = /-[^-]+-[^-]+$/;

/** A split of requests is that of the weights, within the tolerance; the whole experiment is repeated if it is not. */
export const splits =
  (gateway: string, split: Split): Check =>
  async (trial) => {
    const host = await trial.addressOf(gateway);
    await splitsBy(split, async () => {
      const { echoed, status } = await trial.send(gateway, 80, { host, path: split.path });
      if (echoed === undefined) throw new Error(`a request of the split is answered ${status}`);
      return echoed.pod;
    });
  };

/** Judges a split by the pods that answer. */
export async function splitsBy(split: Split, ask: () => Promise<string>): Promise<void> {
  let complaint: string | undefined;
  for (let tries = 0; tries <= split.retries; tries += 1) {
    complaint = await settledSplit(split, ask);
    if (complaint === undefined) return;
    if (tries < split.retries) await pause(afterBadMs);
  }
  throw new Error(complaint);
}

async function settledSplit(split: Split, ask: () => Promise<string>): Promise<string | undefined> {
  const seen = new Map<string, number>();
  let left = split.requests;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const backend = (await ask()).replace(podSuffix, "");
      seen.set(backend, (seen.get(backend) ?? 0) + 1);
    }
  };
  try {
    await Promise.all(Array.from({ length: split.concurrency }, worker));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const stranger = [...seen.keys()].find((backend) => !(backend in split.weights));
  if (stranger !== undefined) return `${stranger} answered, which has no weight`;
  for (const [backend, weight] of Object.entries(split.weights)) {
    const share = (seen.get(backend) ?? 0) / split.requests;
    if (weight === 0 ? share > 0 : Math.abs(share - weight) > split.tolerance)
      return `${backend} has not its share of ${weight}`;
  }
  return undefined;
}
