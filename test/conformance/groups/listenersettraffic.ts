import { attachedSets, gatewayReady, listenerIs, listenerSetReady, routeAccepted } from "../checks.ts";
import type { ConformanceTest } from "../conformancetest.ts";
import { answers, type Case } from "../traffic.ts";

const v1 = { backend: "infra-backend-v1" };
const v2 = { backend: "infra-backend-v2" };

/** Which of the routes, by the first part of their paths, are served at which hostname of the ListenerSet. */
const admitted: readonly Case[] = [
  { host: "all.example.com", path: "/infra", ...v1 },
  { host: "all.example.com", path: "/same", ...v1 },
  { host: "all.example.com", path: "/selected", ...v1 },
  { host: "same.example.com", path: "/infra", status: 404 },
  { host: "same.example.com", path: "/same", ...v1 },
  { host: "same.example.com", path: "/selected", status: 404 },
  { host: "selector.example.com", path: "/infra", status: 404 },
  { host: "selector.example.com", path: "/same", status: 404 },
  { host: "selector.example.com", path: "/selected", ...v1 },
  { host: "gateway.example.com", path: "/infra", status: 404 },
  { host: "gateway.example.com", path: "/same", status: 404 },
];

const owners = ["gateway", "set-1", "set-2"] as const;

/** Each of six routes at each of six hostnames: a route is served where its parent, or the listener that it names, is. */
const routing: readonly Case[] = owners.flatMap((owner) =>
  ["one", "two"].flatMap((listener) =>
    owners.flatMap((parent): readonly Case[] => {
      const host = `${owner}-${listener}.example.com`;
      const here = owner === parent;
      return [
        { host, path: `/${parent}-all`, ...(here ? v1 : { status: 404 }) },
        { host, path: `/${parent}-one`, ...(here && listener === "one" ? v2 : { status: 404 }) },
      ];
    }),
  ),
);

/** Tests of the group ListenerSet that are about many requests. */
export const listenerSetTrafficTests: readonly ConformanceTest[] = [
  {
    name: "ListenerSetAllowedRoutesNamespaces",
    manifest: "manifests/listenerset-allowed-routes-namespaces.yaml",
    checks: [
      listenerSetReady("ls-routes/allowed-routes"),
      routeAccepted("HTTPRoute", "from-infra", "ListenerSet ls-routes/allowed-routes"),
      routeAccepted("HTTPRoute", "ls-routes/from-same", "ListenerSet ls-routes/allowed-routes"),
      routeAccepted("HTTPRoute", "ls-routes-selected/from-selected", "ListenerSet ls-routes/allowed-routes"),
      listenerIs("ListenerSet", "ls-routes/allowed-routes", "all", { attached: 3 }),
      listenerIs("ListenerSet", "ls-routes/allowed-routes", "same", { attached: 1 }),
      listenerIs("ListenerSet", "ls-routes/allowed-routes", "selector", { attached: 1 }),
      answers("ls-allowed-routes", ...admitted),
    ],
  },
  {
    name: "ListenerSetHTTPRouting",
    manifest: "manifests/listenerset-http-routing.yaml",
    checks: [
      gatewayReady("ls-routing"),
      listenerSetReady("ls-routing-1"),
      listenerSetReady("ls-routing-2"),
      attachedSets("ls-routing", 2),
      answers("ls-routing", ...routing),
    ],
  },
];
