import { createEcho } from "../../../../infra/local/kubernetes/echo.ts";
import { createDataPlanes } from "../../../../infra/local/lattice/dataplanes.ts";
import { createLattice } from "../../../../infra/local/lattice/engine.ts";
import type { AddressOf } from "../../../../infra/local/lattice/targets.ts";
import { createAuthority, createCertificates } from "../../../../infra/local/wire/authority.ts";
import { prng } from "../../../simulation/prng.ts";

type Wire = Readonly<Record<string, unknown>>;

export const certificateArn = "arn:aws:acm:eu-west-1:123456789012:certificate/1";

const place = { account: "123456789012", region: "eu-west-1" };
const atOnce = {
  serviceCreateMs: 0,
  groupCreateMs: 0,
  associationCreateMs: 0,
  propagationMs: 0,
  drainMs: 0,
};

/**
 * The data plane of one service network, with pods behind it, driven by calls of the engine that take effect at once. Targets
 * with the address of a pod are pods; `others` says where further ones are.
 */
export async function startPlane(others: AddressOf = () => undefined) {
  let later = 0;
  const engine = createLattice({
    clock: { now: Date.now },
    random: prng("plane").fraction,
    settings: atOnce,
  });
  const echo = createEcho("east");
  const addressOf: AddressOf = (ip, port) => echo.addressOf(ip, port) ?? others(ip, port);
  const authority = await createAuthority("test-authority", Date.now());
  const certificates = createCertificates("data-plane", async () => authority);
  const planes = createDataPlanes({ engine, place, addressOf, certificates, now: () => Date.now() + later });
  const call = (operation: string, input: Wire) => engine.call(place, operation, input) as { id: string };
  const network = call("CreateServiceNetwork", { name: "prod" });
  let pods = 0;
  return {
    engine,
    place,
    echo,
    addressOf,
    call,
    ca: authority.certificate,
    /** A target group that forwards to pods of a Service of the same name, or to other addresses. */
    async group(name: string, config: Wire = {}, targets?: readonly string[]): Promise<string> {
      const { id } = call("CreateTargetGroup", {
        name,
        type: "IP",
        config: { vpcIdentifier: "vpc-0123456789abcdef0", port: 8080, ...config },
      });
      for (const ip of targets ?? [await pod(name)])
        call("RegisterTargets", { targetGroupIdentifier: id, targets: [{ id: ip, port: 8080 }] });
      return id;
    },
    /** A service in the network. */
    service(name: string, more: Wire = {}) {
      const made = call("CreateService", { name, ...more }) as {
        id: string;
        dnsEntry: { domainName: string };
      };
      const serviceIdentifier = made.id;
      call("CreateServiceNetworkServiceAssociation", {
        serviceIdentifier,
        serviceNetworkIdentifier: network.id,
      });
      return {
        id: made.id,
        dnsName: made.dnsEntry.domainName,
        /** Takes away what listens on a port. */
        stopListening(port: number): void {
          const all = [...(engine.state(place).services.get(made.id)?.listeners.values() ?? [])];
          for (const one of all.filter((listener) => listener.port === port))
            call("DeleteListener", { serviceIdentifier, listenerIdentifier: one.id });
        },
        listen(protocol: string, port: number, defaultAction: Wire) {
          const listener = { name: `on-${port}`, protocol, port, defaultAction };
          const { id } = call("CreateListener", { serviceIdentifier, ...listener });
          let rules = 0;
          /** Adds a rule, below those before it. */
          return (pathMatch: Wire, action: Wire) =>
            call("CreateRule", {
              serviceIdentifier,
              listenerIdentifier: id,
              name: `r${(rules += 1)}-on-${port}`,
              priority: rules,
              match: { httpMatch: { pathMatch: { match: pathMatch } } },
              action,
            });
        },
      };
    },
    /** The URL of a port, once whatever listens there is served. */
    async url(port: number): Promise<string> {
      await planes.follow();
      return planes.urls()["prod"]?.[port] ?? "";
    },
    /** Lets time pass for ports that nobody listens on. */
    pass(ms: number): void {
      later += ms;
    },
    close(): void {
      planes.close();
      echo.close();
    },
  };

  async function pod(service: string): Promise<string> {
    pods += 1;
    const ip = `10.1.0.${pods}`;
    await echo.serve({ namespace: "shop", name: `${service}-${pods}`, service, ip, ports: [8080] });
    return ip;
  }
}

export const forwardTo = (
  ...groups: readonly (string | readonly [group: string, weight: number])[]
): Wire => ({
  forward: {
    targetGroups: groups.map((group) =>
      typeof group === "string"
        ? { targetGroupIdentifier: group }
        : { targetGroupIdentifier: group[0], weight: group[1] },
    ),
  },
});

export const notFound: Wire = { fixedResponse: { statusCode: 404 } };
