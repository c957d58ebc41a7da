import { rootTagKey } from "../../functions/model/tags.ts";
import type { ClassName } from "../../functions/model/verdict.ts";
import { gatewayNames, hostnames, type ports } from "./live.ts";
import { place } from "./place.ts";
import type { World } from "./world.ts";

/** A request, or the beginning of a TLS connection. */
export interface Asked {
  /** Through whose network it comes. */
  readonly gateway: string;
  readonly protocol: keyof typeof ports;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How a request is made. */
export const talks = ["HTTP", "HTTPS", "gRPC", "TLS"] as const;
export type Talk = (typeof talks)[number];

/** How it is made. */
export const talkOf = ({ protocol, headers }: Asked): Talk =>
  headers["content-type"] === "application/grpc" ? "gRPC" : protocol;

/** A request in words. */
export function textOf({ gateway, protocol, method, host, path, headers }: Asked): string {
  const request =
    protocol === "TLS"
      ? `a TLS connection for ${host}`
      : `${method} ${protocol.toLowerCase()}://${host}${path} ${JSON.stringify(headers)}`;
  return `${gateway}: ${request}`;
}

/** What it is when there is nothing that could answer. */
export const missing = ({ protocol }: Asked): string => (protocol === "TLS" ? "nobody" : "404");

const paths = ["/", "/a", "/a/", "/a/b", "/c", "/zzz"];
const calls = ["/shop.Cart/Add", "/shop.Cart/Get", "/shop.Pay/Add", "/shop.Other/Get"];

/** All requests that are made again and again. */
export const askedOf = (world: World, its: ClassName): readonly Asked[] =>
  gatewayNames[its].flatMap((gateway) => {
    const hosts: readonly string[] =
      its === "espalier" ? [...hostnames.slice(0, 2), addressOf(world, gateway)] : hostnames;
    return hosts.flatMap((host) => askedAt(gateway, host));
  });

function askedAt(gateway: string, host: string): readonly Asked[] {
  const versions: readonly Asked["headers"][] = [{}, { version: "one" }];
  return [
    ...(["HTTP", "HTTPS"] as const).flatMap((protocol) =>
      paths.flatMap((path) =>
        ["GET", "POST"].flatMap((method) =>
          versions.map((headers): Asked => ({ gateway, protocol, host, method, path, headers })),
        ),
      ),
    ),
    ...calls.flatMap((path) =>
      versions.map((headers): Asked => ({
        gateway,
        protocol: "HTTPS",
        host,
        method: "POST",
        path,
        headers: { ...headers, "content-type": "application/grpc" },
      })),
    ),
    { gateway, protocol: "TLS", host, method: "", path: "", headers: {} },
  ];
}

/** The address of a Gateway of class espalier: the generated name of its default service. */
function addressOf(world: World, gateway: string): string {
  const state = world.engine.state(place);
  const service = [...state.services.values()].find(
    (one) => one.tags[rootTagKey] === `service/east/Gateway/shop/${gateway}/_`,
  );
  if (service === undefined) throw new Error(`Gateway ${gateway} has no address`);
  return service.dnsName;
}
