import { podsPerBackend, rulesOfFirst, rulesOfOther, rulesOfRoute, type Size } from "./budgets.ts";

export const namespace = "bench";
export const backendName = (index: number): string => `echo-${index}`;
/** In class amazon-vpc-lattice a Gateway is called like its network. */
export const networkName = (index: number): string => `network-${index}`;

/** The weight of the first backend of a rule, and what it is changed to. */
export const weights = { first: 60, changed: 70, second: 40 } as const;

const listeners = [
  { name: "first", port: 80, protocol: "HTTP" },
  { name: "second", port: 8080, protocol: "HTTP" },
];

/** Everything that is there before the first Gateway: a namespace, and so many backends with their pods. */
export const backends = (count: number): string =>
  [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    ...Array.from({ length: count }, (_, index) => backend(backendName(index))).flat(),
  ]
    .map((one) => JSON.stringify(one))
    .join("\n---\n");

function backend(name: string): readonly object[] {
  const metadata = { name, namespace };
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: "echo", image: "example.invalid/echo:1" }] },
  };
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { replicas: podsPerBackend, selector: { matchLabels: labels }, template },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
}

/** A Gateway with two listeners. */
export const gateway = (index: number): object => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { name: networkName(index), namespace },
  spec: { gatewayClassName: "amazon-vpc-lattice", listeners },
});

/** A match that is one Lattice rule: a prefix would be two. */
export const match = (path: string): object => ({ path: { type: "Exact", value: path } });

/** A route that becomes a service of this size. */
export function route(name: string, size: Size): object {
  const section = size.listeners === 1 ? { sectionName: "first" } : {};
  const parentRefs = Array.from({ length: size.networks }, (_, index) => ({
    name: networkName(index),
    ...section,
  }));
  const rules = Array.from({ length: rulesOfRoute(size.backends) }, (_, index) => {
    const matches = index === 0 ? rulesOfFirst(size) : rulesOfOther(size.rules, size.backends);
    return {
      matches: Array.from({ length: matches }, (__, at) => match(`/${index}/${at}`)),
      backendRefs: [weights.first, weights.second]
        .map((weight, which) => ({ name: backendName(2 * index + which), port: 80, weight }))
        .slice(0, size.backends - 2 * index),
    };
  });
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name, namespace },
    spec: { parentRefs, rules },
  };
}
