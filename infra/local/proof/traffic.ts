import { Agent, request as send } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { echoedIn, grpcCalls, request as ask, type Echoed } from "../wire/request.ts";
import type { MatchedRequest } from "./reading/matching.ts";
import type { Trial } from "./requests.ts";

/** A rule that was tried, and what came back. */
export interface Traffic extends Answers {
  readonly cluster: string;
  /** `KIND NAMESPACE/NAME`. */
  readonly route: string;
  readonly rule: number;
  /** The parent of the route that it was tried at, in words. */
  readonly parent: string;
  /** The service network that the requests came from. */
  readonly network: string;
}

/** What came back: how many requests each `NAMESPACE/SERVICE` answered, or, of those that nobody did, each status. */
export interface Answers {
  readonly url: string;
  readonly requests: number;
  readonly by: Readonly<Record<string, number>>;
}

const atOnce = 16;
/** TLS that is passed through is a connection for each request, with a handshake of its own: so many are enough. */
const connectionsMost = 400;

const usualPort = { http: 80, https: 443 } as const;

/** Sends the request of a trial so many times; over TLS only to whom the authority vouches for. */
export async function sendTraffic(trial: Trial, ca: string | undefined, count: number): Promise<Answers> {
  const { reach, host, request, route } = trial;
  if (reach.protocol === "TLS_PASSTHROUGH") {
    const requests = Math.min(count, connectionsMost);
    const by = await counted(requests, () => throughTls(reach.url, host));
    return { url: `tls://${host}:${reach.port}`, requests, by };
  }
  const scheme = reach.protocol === "HTTPS" ? "https" : "http";
  const by =
    route.kind === "GRPCRoute"
      ? await callsBy(reach.url, host, request, ca, count)
      : await requestsBy(`${scheme}://${new URL(reach.url).host}`, host, request, ca, count);
  const port = reach.port === usualPort[scheme] ? "" : `:${reach.port}`;
  return { url: `${scheme}://${host}${port}${request.path}`, requests: count, by };
}

/** Does something so often, some at once, and counts what it answers. */
async function counted(count: number, once: () => Promise<string>): Promise<Answers["by"]> {
  const by: Record<string, number> = {};
  let left = count;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        const answered = await once().catch(
          (error: unknown) => `error: ${error instanceof Error ? error.message : String(error)}`,
        );
        by[answered] = (by[answered] ?? 0) + 1;
      }
    }),
  );
  return Object.fromEntries(Object.entries(by).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const whoIs = (echoed: Echoed | undefined): string =>
  echoed === undefined ? "another server" : `${echoed.namespace}/${echoed.service}`;

async function requestsBy(
  at: string,
  host: string,
  request: MatchedRequest,
  ca: string | undefined,
  count: number,
): Promise<Answers["by"]> {
  const options = { keepAlive: true, maxSockets: atOnce };
  const agent = at.startsWith("https:") ? new SecureAgent({ ...options, ca }) : new Agent(options);
  const by = await counted(count, () => once(new URL(request.path, at), host, request, agent));
  agent.destroy();
  return by;
}

function once(url: URL, host: string, { method, headers }: MatchedRequest, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const out = send(url, { method, headers: { ...headers, host }, agent }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve(
          response.statusCode === 200
            ? whoIs(echoedIn(Buffer.concat(parts)))
            : String(response.statusCode ?? 0),
        ),
      );
    });
    out.on("error", reject);
    out.end();
  });
}

async function callsBy(
  url: string,
  host: string,
  { path, headers }: MatchedRequest,
  ca: string | undefined,
  count: number,
): Promise<Answers["by"]> {
  let by: Answers["by"] = {};
  await grpcCalls(url, { host, path, headers, tls: { ca } }, async (call) => {
    by = await counted(count, async () => {
      const { status, grpcStatus, echoed } = await call();
      if (status !== 200) return String(status);
      return grpcStatus === 0 ? whoIs(echoed) : `grpc-status ${grpcStatus ?? "missing"}`;
    });
  }).catch((error: unknown) => {
    by = { [`error: ${error instanceof Error ? error.message : String(error)}`]: count };
  });
  return by;
}

/** The pod itself has the certificate, and says which name it was asked for. A connection that is refused is nobody's. */
async function throughTls(url: string, host: string): Promise<string> {
  const { status, echoed } = await ask(url, { host, tls: {} }).catch(() => ({
    status: 0,
    echoed: undefined,
  }));
  if (status !== 200) return status === 0 ? "nobody" : String(status);
  return echoed !== undefined && echoed.tls?.sni !== host ? "no TLS of the pod's own" : whoIs(echoed);
}

/**
 * How far a share may be from what the route asks for: five in a hundred, or more where so few requests were sent that chance
 * alone does it (four standard deviations of a binomial distribution: once in sixteen thousand).
 */
const tolerance = (share: number, requests: number): number =>
  Math.max(0.05, 4 * Math.sqrt((share * (1 - share)) / requests));

/** What is wrong with an answered split, in words; undefined when it is right. `shares` of nobody means that nobody may answer. */
export function verdictOn(traffic: Answers, shares: Readonly<Record<string, number>>): string | undefined {
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  for (const name of new Set([...Object.keys(shares), ...Object.keys(traffic.by)])) {
    const wanted = shares[name] ?? 0;
    const got = (traffic.by[name] ?? 0) / traffic.requests;
    if (Object.keys(shares).length === 0 && /^[45]\d\d$/.test(name)) continue;
    if (wanted === 0 && got > 0) return `${traffic.url}: ${name} answered ${percent(got)}, and should not`;
    if (Math.abs(wanted - got) > tolerance(wanted, traffic.requests))
      return `${traffic.url}: ${name} answered ${percent(got)} instead of ${percent(wanted)}`;
  }
  return undefined;
}
