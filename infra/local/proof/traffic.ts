import { Agent, request as send } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { z } from "zod";
import type { MatchedRequest } from "./matching.ts";

/** What came back: how many requests each `NAMESPACE/SERVICE` answered, or, of those that nobody did, each status. */
export interface Traffic {
  readonly url: string;
  readonly requests: number;
  readonly by: Readonly<Record<string, number>>;
}

const atOnce = 16;
const echo = z.object({ namespace: z.string(), service: z.string() });

/** A data plane at one port. */
export interface Plane {
  readonly url: string;
  /** The certificate of whoever vouches for it, PEM: then it is spoken to over TLS. */
  readonly ca?: string | undefined;
}

/** Sends a request so many times through a data plane, with a Lattice DNS name as its host. */
export async function sendTraffic(
  plane: Plane,
  dnsName: string,
  request: MatchedRequest,
  count: number,
): Promise<Traffic> {
  const { ca } = plane;
  const options = { keepAlive: true, maxSockets: atOnce };
  const agent = ca === undefined ? new Agent(options) : new SecureAgent({ ...options, ca });
  const scheme = ca === undefined ? "http" : "https";
  const at = `${scheme}://${new URL(plane.url).host}`;
  const by: Record<string, number> = {};
  let left = count;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        const answered = await once(new URL(request.path, at), dnsName, request, agent);
        by[answered] = (by[answered] ?? 0) + 1;
      }
    }),
  );
  agent.destroy();
  const sorted = Object.fromEntries(Object.entries(by).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { url: `${scheme}://${dnsName}${request.path}`, requests: count, by: sorted };
}

function once(url: URL, host: string, { method, headers }: MatchedRequest, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const out = send(url, { method, headers: { ...headers, host }, agent }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve(whoAnswered(response.statusCode ?? 0, Buffer.concat(parts).toString())),
      );
    });
    out.on("error", (error) => resolve(`error: ${error.message}`));
    out.end();
  });
}

function whoAnswered(status: number, body: string): string {
  if (status !== 200) return String(status);
  const parsed = echo.safeParse(jsonOf(body));
  return parsed.success ? `${parsed.data.namespace}/${parsed.data.service}` : "another server";
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * How far a share may be from what the route asks for: five in a hundred, or more where so few requests were sent that chance
 * alone does it (four standard deviations of a binomial distribution: once in sixteen thousand).
 */
const tolerance = (share: number, requests: number): number =>
  Math.max(0.05, 4 * Math.sqrt((share * (1 - share)) / requests));

/** What is wrong with an answered split, in words; undefined when it is right. `shares` of nobody means that nobody may answer. */
export function verdictOn(traffic: Traffic, shares: Readonly<Record<string, number>>): string | undefined {
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
