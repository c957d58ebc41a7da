import { invalid } from "./fault.ts";

/** A health check as it is echoed. */
export interface HealthCheck {
  readonly enabled: boolean;
  readonly protocol?: string | undefined;
  readonly protocolVersion?: string | undefined;
  /** Each target's own port when it is absent. */
  readonly port?: number | undefined;
  readonly path: string;
  readonly healthCheckIntervalSeconds: number;
  readonly healthCheckTimeoutSeconds: number;
  readonly healthyThresholdCount: number;
  readonly unhealthyThresholdCount: number;
  readonly matcher: { readonly httpCode: string };
}

/** What a caller asks for: anything may be left out, and 0 or an empty text stands for the default. */
export type AskedHealthCheck = Partial<HealthCheck>;

const common: Omit<HealthCheck, "enabled"> = {
  path: "/",
  healthCheckIntervalSeconds: 30,
  healthCheckTimeoutSeconds: 5,
  healthyThresholdCount: 5,
  unhealthyThresholdCount: 2,
  matcher: { httpCode: "200" },
};

/**
 * The health check of a group with the service's defaults (user guide, "Health checks for your VPC Lattice target groups"):
 * only HTTP/1.1 groups are checked unasked. Throws a ValidationException where there is no default and none is given.
 */
export function healthCheckOf(
  group: { readonly protocol: string; readonly protocolVersion?: string | undefined },
  asked: AskedHealthCheck,
): HealthCheck {
  const meant = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== 0 && value !== ""));
  const check: HealthCheck = { ...common, ...defaultsOf(group), ...meant };
  if (check.enabled && (check.protocol === undefined || check.protocolVersion === undefined))
    throw invalid(
      `config.healthCheck of a ${group.protocol} target group needs protocol and protocolVersion`,
    );
  if (check.protocol === "TCP") throw invalid("config.healthCheck.protocol must be HTTP or HTTPS");
  return check;
}

function defaultsOf({
  protocol,
  protocolVersion,
}: Parameters<typeof healthCheckOf>[0]): Pick<HealthCheck, "enabled" | "protocol" | "protocolVersion"> {
  if (protocol === "TCP") return { enabled: false };
  return {
    enabled: protocolVersion === "HTTP1",
    protocol,
    protocolVersion: protocolVersion === "HTTP2" ? "HTTP2" : "HTTP1",
  };
}

/** Whether a status is one that a check takes for healthy: `200`, `200,204` or `200-299`. */
export const matches = ({ matcher }: HealthCheck, status: number): boolean =>
  matcher.httpCode.split(",").some((part) => {
    const [first, last = first] = part.split("-").map(Number);
    return first !== undefined && last !== undefined && first <= status && status <= last;
  });
