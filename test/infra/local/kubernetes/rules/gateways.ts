import type { KindRules, Rules } from "./table.ts";

const http = { name: "http", port: 80, protocol: "HTTP" };
const certificateRefs = [{ name: "cert" }];
const https = { name: "https", port: 443, protocol: "HTTPS", tls: { certificateRefs } };
const listeners = (...all: readonly object[]) => ({ listeners: all });

/** The rules on listeners, which Gateways and ListenerSets share. */
const listenerRules: Rules = {
  "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']": [
    listeners({ ...http, tls: { certificateRefs } }),
    listeners({ ...http, protocol: "HTTPS", tls: { certificateRefs } }),
  ],
  "tls mode must be Terminate for protocol HTTPS": [
    listeners({ ...https, tls: { mode: "Passthrough" } }),
    listeners({ ...https, tls: { mode: "Terminate", certificateRefs } }),
  ],
  "tls mode must be set for protocol TLS": [
    listeners({ ...http, protocol: "TLS" }),
    listeners({ ...http, protocol: "TLS", tls: { mode: "Passthrough" } }),
  ],
  "hostname must not be specified for protocols ['TCP', 'UDP']": [
    listeners({ ...http, protocol: "TCP", hostname: "a.example.com" }),
    listeners({ ...http, protocol: "HTTP", hostname: "a.example.com" }),
  ],
  "Listener name must be unique within the Gateway": [
    listeners(http, { ...http, port: 81 }),
    listeners(http, { ...http, port: 81, name: "other" }),
  ],
  "Combination of port, protocol and hostname must be unique for each listener": [
    listeners(http, { ...http, name: "other" }),
    listeners(http, { ...http, name: "other", hostname: "a.example.com" }),
  ],
  "certificateRefs or options must be specified when mode is Terminate": [
    listeners({ ...https, tls: {} }),
    listeners({ ...https, tls: { options: { "example.com/certificate": "a" } } }),
  ],
};

/** The rules on keys of labels and of annotations. */
const keyRules = (field: string, What: string, what: string): Rules => {
  const keys = (key: string) => ({ infrastructure: { [field]: { [key]: "value" } } });
  return {
    [`${What} keys must be in the form of an optional DNS subdomain prefix followed by a required name segment of up to 63 characters.`]:
      [keys(`example.com/${"a".repeat(64)}`), keys(`example.com/${"a".repeat(63)}`)],
    [`If specified, the ${what} key's prefix must be a DNS subdomain not longer than 253 characters in total.`]:
      [keys(`${"a".repeat(253)}/name`), keys(`${"a".repeat(252)}/name`)],
  };
};

const addresses = (type: string, ...values: readonly string[]) => ({
  addresses: values.map((value) => ({ type, value })),
});
const hostname = "^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
const validation = { caCertificateRefs: [{ group: "", kind: "ConfigMap", name: "ca" }] };
const perPort = (...ports: readonly number[]) => ({
  tls: {
    frontend: { default: { validation }, perPort: ports.map((port) => ({ port, tls: { validation } })) },
  },
});

export const gateway: KindRules = {
  plural: "gateways",
  kind: "Gateway",
  spec: { gatewayClassName: "espalier", listeners: [http] },
  onCreate: {
    ...listenerRules,
    ...keyRules("annotations", "Annotation", "annotation"),
    ...keyRules("labels", "Label", "label"),
    "IPAddress values must be unique": [
      addresses("IPAddress", "10.0.0.1", "10.0.0.1"),
      addresses("IPAddress", "10.0.0.1", "10.0.0.2"),
    ],
    "Hostname values must be unique": [
      addresses("Hostname", "a.example.com", "a.example.com"),
      addresses("Hostname", "a.example.com", "b.example.com"),
    ],
    [`Hostname value must be empty or contain only valid characters (matching ${hostname})`]: [
      addresses("Hostname", "a_b.example.com"),
      addresses("Hostname", "*.example.com"),
    ],
    "Port for TLS configuration must be unique within the Gateway": [perPort(443, 443), perPort(443, 8443)],
  },
  onStatus: {
    [`Hostname value must only contain valid characters (matching ${hostname})`]: [
      addresses("Hostname", "a_b.example.com"),
      addresses("Hostname", "*.example.com"),
    ],
  },
};

export const listenerSet: KindRules = {
  plural: "listenersets",
  kind: "ListenerSet",
  spec: { parentRef: { name: "front" }, listeners: [http] },
  onCreate: listenerRules,
};

export const gatewayClass: KindRules = {
  plural: "gatewayclasses",
  kind: "GatewayClass",
  spec: { controllerName: "espalier.dev/gateway-controller" },
  onCreate: {},
  onUpdate: {
    "Value is immutable": [{ controllerName: "example.com/other" }, { description: "another" }],
  },
};

const target = { group: "", kind: "Service", name: "shop" };
const names = (name: object) => ({ validation: { subjectAltNames: [name] } });

export const backendTlsPolicy: KindRules = {
  plural: "backendtlspolicies",
  kind: "BackendTLSPolicy",
  spec: {
    targetRefs: [target],
    validation: { hostname: "shop.example.com", wellKnownCACertificates: "System" },
  },
  onCreate: {
    "sectionName must be specified when targetRefs includes 2 or more references to the same target": [
      { targetRefs: [target, { ...target, sectionName: "https" }] },
      { targetRefs: [target, { ...target, name: "other", sectionName: "https" }] },
    ],
    "sectionName must be unique when targetRefs includes 2 or more references to the same target": [
      { targetRefs: [target, target] },
      { targetRefs: [target, { ...target, name: "other" }] },
    ],
    "must not contain both CACertificateRefs and WellKnownCACertificates": [
      { validation },
      { validation: { ...validation, wellKnownCACertificates: null } },
    ],
    "must specify either CACertificateRefs or WellKnownCACertificates": [
      { validation: { wellKnownCACertificates: null } },
      { validation: { wellKnownCACertificates: "System" } },
    ],
    "SubjectAltName element must contain Hostname, if Type is set to Hostname": [
      names({ type: "Hostname" }),
      names({ type: "Hostname", hostname: "a.example.com" }),
    ],
    "SubjectAltName element must not contain Hostname, if Type is not set to Hostname": [
      names({ type: "URI", uri: "spiffe://a/b", hostname: "a.example.com" }),
      names({ type: "URI", uri: "spiffe://a/b" }),
    ],
    "SubjectAltName element must contain URI, if Type is set to URI": [
      names({ type: "URI" }),
      names({ type: "URI", uri: "spiffe://a/b" }),
    ],
    "SubjectAltName element must not contain URI, if Type is not set to URI": [
      names({ type: "Hostname", hostname: "a.example.com", uri: "spiffe://a/b" }),
      names({ type: "Hostname", hostname: "a.example.com" }),
    ],
  },
};

export const referenceGrant: KindRules = {
  plural: "referencegrants",
  kind: "ReferenceGrant",
  spec: {
    from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "shop" }],
    to: [{ group: "", kind: "Service" }],
  },
  onCreate: {},
};
