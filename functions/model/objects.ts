import { objectKey, type ClusterName, type ObjectKey } from "./ids.ts";
import type { Infrastructure, ParametersRef } from "./infrastructure.ts";
import type { GRPCRoute, HTTPRoute, TLSRoute } from "./routes.ts";

/**
 * The Kubernetes objects that we read, in Kubernetes' own shape, reduced to the fields that we use and with the
 * API's defaults filled in. The schemas that make them are in bus/objects.ts.
 */
export interface Metadata {
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  /** RFC 3339, whole seconds, as Kubernetes writes it. */
  readonly creationTimestamp: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface GatewayClass {
  readonly kind: "GatewayClass";
  readonly metadata: Metadata;
  readonly spec: {
    readonly controllerName: string;
    readonly parametersRef?: ParametersRef | undefined;
  };
}

export interface LabelSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

export interface RouteGroupKind {
  readonly group: string;
  readonly kind: string;
}

export interface Listener {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly hostname?: string | undefined;
  readonly tls?:
    | {
        readonly mode: string;
        readonly certificateRefs: readonly {
          readonly group: string;
          readonly kind: string;
          readonly namespace?: string | undefined;
          readonly name: string;
        }[];
        readonly options: Readonly<Record<string, string>>;
      }
    | undefined;
  readonly allowedRoutes: {
    readonly namespaces: { readonly from: string; readonly selector?: LabelSelector | undefined };
    readonly kinds: readonly RouteGroupKind[];
  };
}

export interface Gateway {
  readonly kind: "Gateway";
  readonly metadata: Metadata;
  readonly spec: {
    readonly gatewayClassName: string;
    readonly listeners: readonly Listener[];
    readonly addresses: readonly { readonly type: string; readonly value?: string | undefined }[];
    /** Which namespaces may add listeners to it by a ListenerSet. */
    readonly allowedListeners: {
      readonly namespaces: { readonly from: string; readonly selector?: LabelSelector | undefined };
    };
    /** Parts of `spec.tls` that the Gateway has; Lattice has nothing like them. */
    readonly tls: readonly ("frontend" | "backend")[];
    readonly infrastructure?:
      | (Infrastructure & { readonly parametersRef?: ParametersRef | undefined })
      | undefined;
  };
}

/** Listeners that another team adds to a Gateway (GEP-1713). */
export interface ListenerSet {
  readonly kind: "ListenerSet";
  readonly metadata: Metadata;
  readonly spec: {
    readonly parentRef: {
      readonly group: string;
      readonly kind: string;
      readonly namespace?: string | undefined;
      readonly name: string;
    };
    readonly listeners: readonly Listener[];
  };
}

/** What the forwarder found in a Secret that a listener names as its certificate. The key never leaves the cluster. */
export interface Secret {
  readonly kind: "Secret";
  readonly metadata: Metadata;
  readonly type: string;
  readonly certificate:
    | {
        readonly ok: true;
        /** Names of the certificate, lower case: DNS names of its subject alternative names, else its common name. */
        readonly names: readonly string[];
        /** RFC 3339. */
        readonly notAfter: string;
        /** Of the certificate in DER, SHA-256, hexadecimal. */
        readonly hash: string;
      }
    | { readonly ok: false; readonly problem: string };
}

/** A CRD as far as it matters which one is installed: its annotations say the version of its bundle. */
export interface CustomResourceDefinition {
  readonly kind: "CustomResourceDefinition";
  readonly metadata: Metadata;
}

export interface ServicePort {
  readonly name?: string | undefined;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string | undefined;
}

export interface Service {
  readonly kind: "Service";
  readonly metadata: Metadata;
  readonly spec: {
    readonly type: string;
    readonly ipFamilies: readonly string[];
    readonly ports: readonly ServicePort[];
  };
}

export interface EndpointSlice {
  readonly kind: "EndpointSlice";
  readonly metadata: Metadata;
  readonly addressType: string;
  readonly ports: readonly {
    readonly name?: string | undefined;
    readonly port?: number | undefined;
    readonly protocol: string;
  }[];
  readonly endpoints: readonly {
    readonly addresses: readonly string[];
    readonly conditions: {
      readonly ready?: boolean | undefined;
      readonly serving?: boolean | undefined;
      readonly terminating?: boolean | undefined;
    };
  }[];
}

export interface Namespace {
  readonly kind: "Namespace";
  readonly metadata: Metadata;
}

export interface ReferenceGrant {
  readonly kind: "ReferenceGrant";
  readonly metadata: Metadata;
  readonly spec: {
    readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[];
    readonly to: readonly {
      readonly group: string;
      readonly kind: string;
      readonly name?: string | undefined;
    }[];
  };
}

export type ClusterObject =
  | GatewayClass
  | Gateway
  | ListenerSet
  | HTTPRoute
  | GRPCRoute
  | TLSRoute
  | Service
  | EndpointSlice
  | Namespace
  | ReferenceGrant
  | Secret
  | CustomResourceDefinition;

export type Kind = ClusterObject["kind"];
export type ObjectOf<K extends Kind> = Extract<ClusterObject, { kind: K }>;

/** Everything that the rest of the system must know of a kind; a kind that is added must find its place here first. */
export const kinds: Readonly<
  Record<
    Kind,
    {
      readonly group: string;
      readonly plural: string;
      readonly namespaced: boolean;
      readonly filtered: boolean;
    }
  >
> = {
  GatewayClass: {
    group: "gateway.networking.k8s.io",
    plural: "gatewayclasses",
    namespaced: false,
    filtered: false,
  },
  Gateway: { group: "gateway.networking.k8s.io", plural: "gateways", namespaced: true, filtered: false },
  ListenerSet: {
    group: "gateway.networking.k8s.io",
    plural: "listenersets",
    namespaced: true,
    filtered: false,
  },
  HTTPRoute: { group: "gateway.networking.k8s.io", plural: "httproutes", namespaced: true, filtered: false },
  GRPCRoute: { group: "gateway.networking.k8s.io", plural: "grpcroutes", namespaced: true, filtered: false },
  TLSRoute: { group: "gateway.networking.k8s.io", plural: "tlsroutes", namespaced: true, filtered: false },
  ReferenceGrant: {
    group: "gateway.networking.k8s.io",
    plural: "referencegrants",
    namespaced: true,
    filtered: false,
  },
  Namespace: { group: "", plural: "namespaces", namespaced: false, filtered: false },
  Service: { group: "", plural: "services", namespaced: true, filtered: true },
  EndpointSlice: { group: "discovery.k8s.io", plural: "endpointslices", namespaced: true, filtered: true },
  Secret: { group: "", plural: "secrets", namespaced: true, filtered: true },
  CustomResourceDefinition: {
    group: "apiextensions.k8s.io",
    plural: "customresourcedefinitions",
    namespaced: false,
    filtered: true,
  },
};

/**
 * Versions of an API that read alike in all that we use, best first. TLSRoute was v1alpha2 or v1alpha3 before Gateway API 1.5,
 * and GRPCRoute v1alpha2 before 1.1.
 */
export const readableVersions = ["v1", "v1beta1", "v1alpha3", "v1alpha2"] as const;

/** Kinds that a cluster may keep to itself: what depends on them says so, and all else goes on. */
export const optionalKinds: ReadonlySet<Kind> = new Set(["Secret", "CustomResourceDefinition"]);

/** Says whether a word is a kind that we read. */
export const isKind = (value: string): value is Kind => Object.hasOwn(kinds, value);

/** Every kind, in the table's order. */
export const allKinds: readonly Kind[] = Object.keys(kinds).filter(isKind);

/** Names one object of one cluster. */
export interface ObjectRef<K extends Kind = Kind> {
  readonly cluster: ClusterName;
  readonly kind: K;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

/** The key of what a reference names. */
export const keyOf = (ref: ObjectRef): ObjectKey => objectKey(ref.cluster, ref.kind, ref.namespace, ref.name);

/** A reference to an object that is at hand. */
export const refTo = (cluster: ClusterName, object: ClusterObject): ObjectRef => ({
  cluster,
  kind: object.kind,
  namespace: object.metadata.namespace,
  name: object.metadata.name,
});

/** The reference that a key stands for; throws TypeError when the key was not made by `keyOf`. */
export function parseObjectKey(key: string): ObjectRef {
  const [cluster, kind, namespace, name, ...rest] = key.split("/");
  if (
    cluster === undefined ||
    kind === undefined ||
    namespace === undefined ||
    !name ||
    rest.length > 0 ||
    !isKind(kind)
  ) {
    throw new TypeError(`not an object key: "${key}" (CLUSTER/KIND/NAMESPACE/NAME)`);
  }
  return { cluster: cluster as ClusterName, kind, namespace, name };
}

/** The label by which an EndpointSlice says whose endpoints it holds. */
export const serviceNameLabel = "kubernetes.io/service-name";
