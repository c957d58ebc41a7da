import { isIP } from "node:net";
import { customResourceDefinition } from "./definitions.ts";
import type { Column, Resource } from "./resources.ts";
import { secret } from "./secrets.ts";
import { isObject, type Json, type Schema } from "./schema.ts";
import type { Cause } from "./status.ts";

/** The kinds that every API server has, as far as anything here uses them. Fields beyond those are kept as they are. */

const text: Schema = { type: "string" };
const whole: Schema = { type: "integer" };
const open = (
  properties: Readonly<Record<string, Schema>> = {},
  required: readonly string[] = [],
): Schema => ({
  type: "object",
  properties,
  required,
  "x-kubernetes-preserve-unknown-fields": true,
});
const list = (items: Schema, keys?: readonly string[]): Schema => ({
  type: "array",
  items,
  ...(keys === undefined ? {} : { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys }),
});
const labels: Schema = { type: "object", additionalProperties: text };
const port: Schema = { type: "integer", minimum: 1, maximum: 65_535 };
const intOrString: Schema = { "x-kubernetes-int-or-string": true };

type Plain = Pick<Resource, "kind" | "plural"> & Partial<Resource>;

const resource = (group: string, version: string, one: Plain): Resource => ({
  group,
  version,
  singular: one.kind.toLowerCase(),
  shortNames: [],
  categories: [],
  namespaced: true,
  hasStatus: false,
  hasScale: false,
  hasGeneration: false,
  custom: false,
  columns: [],
  ...one,
});

const column = (name: string, path: string, type = "string", priority = 0): Column => ({
  name,
  type,
  path,
  priority,
});

const services: Schema = open({
  spec: open(
    {
      type: {
        type: "string",
        enum: ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"],
        default: "ClusterIP",
      },
      selector: labels,
      clusterIP: text,
      sessionAffinity: { type: "string", default: "None" },
      ports: list(
        open(
          {
            port,
            targetPort: intOrString,
            protocol: { type: "string", enum: ["TCP", "UDP", "SCTP"], default: "TCP" },
            name: text,
          },
          ["port"],
        ),
        ["port", "protocol"],
      ),
    },
    [],
  ),
});

/** A Service's port without a targetPort has its own number as target. */
function completeService(content: Json): Json {
  const spec = content["spec"];
  if (!isObject(spec) || !Array.isArray(spec["ports"])) return content;
  const ports = spec["ports"].map((one: unknown) =>
    isObject(one) ? { targetPort: one["port"], ...one } : one,
  );
  return { ...content, spec: { ...spec, ports } };
}

function checkService(content: Json): readonly Cause[] {
  const spec = content["spec"];
  const ports = isObject(spec) && Array.isArray(spec["ports"]) ? spec["ports"] : [];
  if (ports.length === 0 && isObject(spec) && spec["clusterIP"] !== "None" && spec["type"] !== "ExternalName")
    return [{ reason: "FieldValueRequired", message: "Required value", field: "spec.ports" }];
  if (ports.length < 2) return [];
  return ports.flatMap((one: unknown, index) =>
    isObject(one) && one["name"] === undefined
      ? [{ reason: "FieldValueRequired", message: "Required value", field: `spec.ports[${index}].name` }]
      : [],
  );
}

const endpointSlices: Schema = open(
  {
    addressType: { type: "string", enum: ["IPv4", "IPv6", "FQDN"] },
    endpoints: list(
      open(
        {
          addresses: { ...list(text), minItems: 1, maxItems: 100 },
          conditions: open({
            ready: { type: "boolean" },
            serving: { type: "boolean" },
            terminating: { type: "boolean" },
          }),
        },
        ["addresses"],
      ),
    ),
    ports: list(
      open({ name: { type: "string", default: "" }, port, protocol: { type: "string", default: "TCP" } }),
    ),
  },
  ["addressType", "endpoints"],
);

/** Addresses that the real server refuses in EndpointSlices: loopback and link-local ones, and what is no address of the type. */
function checkEndpointSlice(content: Json): readonly Cause[] {
  const endpoints = Array.isArray(content["endpoints"]) ? content["endpoints"] : [];
  const family = content["addressType"] === "IPv6" ? 6 : 4;
  return endpoints.flatMap((endpoint: unknown, index) => {
    const addresses = isObject(endpoint) && Array.isArray(endpoint["addresses"]) ? endpoint["addresses"] : [];
    return addresses.flatMap((address: unknown, at): readonly Cause[] => {
      const why = content["addressType"] === "FQDN" ? undefined : addressProblem(String(address), family);
      return why === undefined
        ? []
        : [
            {
              reason: "FieldValueInvalid",
              message: `Invalid value: ${JSON.stringify(address)}: ${why}`,
              field: `endpoints[${index}].addresses[${at}]`,
            },
          ];
    });
  });
}

function addressProblem(address: string, family: number): string | undefined {
  if (isIP(address) !== family) return `must be a valid IPv${family} address`;
  if (address.startsWith("127.") || address === "::1")
    return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
  if (address.startsWith("169.254.") || /^fe[89ab]/i.test(address))
    return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
  return undefined;
}

const rules: Schema = open({ rules: list(open({ verbs: list(text) }, ["verbs"])) });
const binding: Schema = open(
  {
    subjects: list(open({ kind: text, name: text }, ["kind", "name"])),
    roleRef: open({ apiGroup: text, kind: text, name: text }, ["kind", "name"]),
  },
  ["roleRef"],
);
const rbac = "rbac.authorization.k8s.io";

/** Every built-in resource. */
export const builtin: readonly Resource[] = [
  resource("", "v1", {
    kind: "Namespace",
    plural: "namespaces",
    shortNames: ["ns"],
    namespaced: false,
    hasStatus: true,
    schema: open(),
    columns: [column("Status", ".status.phase")],
  }),
  resource("", "v1", {
    kind: "Pod",
    plural: "pods",
    shortNames: ["po"],
    categories: ["all"],
    hasStatus: true,
    schema: open(
      {
        spec: open({ containers: list(open({ name: text, image: text }, ["name"]), ["name"]) }, [
          "containers",
        ]),
      },
      ["spec"],
    ),
    columns: [column("Status", ".status.phase"), column("IP", ".status.podIP")],
  }),
  resource("", "v1", {
    kind: "Service",
    plural: "services",
    shortNames: ["svc"],
    categories: ["all"],
    hasStatus: true,
    schema: services,
    complete: completeService,
    check: checkService,
    columns: [column("Type", ".spec.type"), column("Ports", ".spec.ports[*].port")],
  }),
  resource("", "v1", {
    kind: "Secret",
    plural: "secrets",
    ...secret,
    columns: [column("Type", ".type")],
  }),
  resource("", "v1", {
    kind: "ConfigMap",
    plural: "configmaps",
    shortNames: ["cm"],
    schema: open({ data: labels }),
  }),
  resource("", "v1", {
    kind: "ServiceAccount",
    plural: "serviceaccounts",
    shortNames: ["sa"],
    schema: open(),
  }),
  resource("", "v1", { kind: "Event", plural: "events", shortNames: ["ev"], schema: open() }),
  resource("discovery.k8s.io", "v1", {
    kind: "EndpointSlice",
    plural: "endpointslices",
    hasGeneration: true,
    schema: endpointSlices,
    check: checkEndpointSlice,
    columns: [
      column("AddressType", ".addressType"),
      column("Ports", ".ports[*].port"),
      column("Endpoints", ".endpoints[*].addresses[0]"),
    ],
  }),
  resource("apps", "v1", {
    kind: "Deployment",
    plural: "deployments",
    shortNames: ["deploy"],
    categories: ["all"],
    hasStatus: true,
    hasScale: true,
    hasGeneration: true,
    schema: open(
      {
        spec: open(
          {
            replicas: { type: "integer", minimum: 0, default: 1 },
            selector: open({ matchLabels: labels }),
            template: open({
              metadata: open({ labels }),
              spec: open({ containers: list(open({ name: text }, ["name"]), ["name"]) }),
            }),
          },
          ["selector", "template"],
        ),
      },
      ["spec"],
    ),
    columns: [column("Ready", ".status.readyReplicas"), column("Desired", ".spec.replicas", "integer")],
  }),
  resource("coordination.k8s.io", "v1", {
    kind: "Lease",
    plural: "leases",
    schema: open({
      spec: open({ holderIdentity: { ...text, nullable: true }, leaseDurationSeconds: whole }),
    }),
    columns: [column("Holder", ".spec.holderIdentity")],
  }),
  resource(rbac, "v1", { kind: "Role", plural: "roles", schema: rules }),
  resource(rbac, "v1", {
    kind: "RoleBinding",
    plural: "rolebindings",
    schema: binding,
    columns: [column("Role", ".roleRef.name")],
  }),
  resource(rbac, "v1", { kind: "ClusterRole", plural: "clusterroles", namespaced: false, schema: rules }),
  resource(rbac, "v1", {
    kind: "ClusterRoleBinding",
    plural: "clusterrolebindings",
    namespaced: false,
    schema: binding,
    columns: [column("Role", ".roleRef.name")],
  }),
  resource("apiextensions.k8s.io", "v1", {
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    shortNames: ["crd", "crds"],
    namespaced: false,
    hasStatus: true,
    hasGeneration: true,
    ...customResourceDefinition,
    columns: [column("Created At", ".metadata.creationTimestamp")],
  }),
];
