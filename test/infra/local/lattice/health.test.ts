import { afterEach, expect, test } from "vitest";
import { checkHealth } from "../../../../infra/local/lattice/health.ts";
import { forwardTo, startPlane } from "./plane.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

test.each([
  { protocol: "HTTP", protocolVersion: "HTTP1" },
  { protocol: "HTTP", protocolVersion: "HTTP2" },
  { protocol: "HTTPS", protocolVersion: "HTTP1" },
  { protocol: "HTTPS", protocolVersion: "HTTP2" },
])("targets are checked with what the check says: $protocol, $protocolVersion", async (speaks) => {
  const plane = await startPlane();
  const stop = checkHealth(plane.engine, plane.place, plane.addressOf, 10);
  closing.push(stop, () => plane.close());
  const healthCheck = { enabled: true, path: "/health", ...speaks };
  const group = await plane.group("cart", { protocolVersion: "GRPC", healthCheck });
  plane.service("shop").listen("HTTPS", 443, forwardTo(group));
  const statuses = () => {
    const { items } = plane.call("ListTargets", { targetGroupIdentifier: group }) as unknown as Listed;
    return items.map((one) => one.status);
  };
  await expect.poll(statuses).toEqual(["HEALTHY"]);
  plane.echo.setHealthy("10.1.0.1", false);
  await expect.poll(statuses).toEqual(["UNHEALTHY"]);
  plane.call("UpdateTargetGroup", {
    targetGroupIdentifier: group,
    healthCheck: { matcher: { httpCode: "200-299,500-503" } },
  });
  await expect.poll(statuses).toEqual(["HEALTHY"]);
});

interface Listed {
  readonly items: readonly { readonly status: string }[];
}
