import type { Route } from "../model/routes.ts";

/** Hostnames of the Gateway API: lower-case, whole labels; `*.x` stands for one label or more before `.x`, never for `x`. */

/** The hostname that a listener and a route have in common, or undefined. Absent means any; so does the answer "" (gateway-api spec, hostname intersection). */
export function intersection(listener: string | undefined, route: string | undefined): string | undefined {
  const [a, b] = [listener?.toLowerCase() ?? "", route?.toLowerCase() ?? ""];
  if (a === "") return b;
  if (b === "") return a;
  if (a === b) return a;
  if (covers(a, b)) return b;
  if (covers(b, a)) return a;
  return undefined;
}

/** Whether a wildcard stands for another hostname, wildcard or not. */
const covers = (wildcard: string, other: string): boolean => {
  if (!wildcard.startsWith("*.")) return false;
  const suffix = wildcard.slice(1);
  const name = other.startsWith("*.") ? other.slice(1) : other;
  return name.endsWith(suffix) && name.length > suffix.length;
};

export const isWildcard = (hostname: string): boolean => hostname.startsWith("*");

/** How well a hostname of a route or listener fits an exact one: 0 is equal, then wildcards, the longest first, and last ""; undefined when it does not stand for it. */
export function fit(hostname: string, exact: string): number | undefined {
  if (hostname === exact) return 0;
  if (hostname === "") return Number.MAX_SAFE_INTEGER;
  return exact !== "" && covers(hostname, exact) ? 1_000 - hostname.length : undefined;
}

/**
 * How well a route's own hostnames fit an exact one, whatever its listener's is: of the routes of a listener those with the better
 * fit go first (gateway-api spec, HTTPRouteSpec.hostnames). Undefined when none fits.
 */
export function tierOf({ spec: { hostnames } }: Route, exact: string): number | undefined {
  const fits = (hostnames.length === 0 ? [""] : hostnames).flatMap(
    (one) => fit(one.toLowerCase(), exact) ?? [],
  );
  return fits.length === 0 ? undefined : Math.min(...fits);
}
