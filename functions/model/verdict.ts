import type { ObjectKey } from "./ids.ts";
import type { Infrastructure } from "./infrastructure.ts";
import type { ParentRef } from "./routes.ts";

/** What a GatewayClass of ours makes of a Gateway; see DESIGN, two GatewayClasses. */
export type ClassName = "amazon-vpc-lattice" | "espalier";

/** By which controller name a GatewayClass says that it is ours: the in-cluster controller's own, so that its objects are ours too, or Espalier's. */
export const controllers: Readonly<Record<ClassName, string>> = {
  "amazon-vpc-lattice": "application-networking.k8s.aws/gateway-api-controller",
  espalier: "espalier.dev/gateway-controller",
};

/** Which of our classes a controller name stands for, or undefined when it is somebody else's. */
export const classNamed = (controllerName: string): ClassName | undefined =>
  controllerName === controllers.espalier
    ? "espalier"
    : controllerName === controllers["amazon-vpc-lattice"]
      ? "amazon-vpc-lattice"
      : undefined;

/** The part of an object that a condition is about. */
export type Subject =
  | { readonly at: "object" }
  | { readonly at: "listener"; readonly name: string }
  /** One entry of a route's parents, which says by which controller it is written. */
  | { readonly at: "parent"; readonly ref: ParentRef; readonly controllerName: string };

/** One condition before it has a time: what a compile or an apply says about one part of one object. */
export interface Verdict {
  readonly subject: Subject;
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

/** A hostname and the name that Lattice gives the service which serves it; without one, what there is of the hostname stays. */
export interface DnsEndpoint {
  readonly hostname: string;
  readonly target?: string | undefined;
}

/** All that one root says about one object. An object's status is composed from the reports of every root about it. */
export interface Report {
  readonly on: ObjectKey;
  /** The object's uid: a report on an object of the same name that is gone is worth nothing. */
  readonly uid: string;
  /** The generation that was compiled. */
  readonly generation: number;
  readonly verdicts: readonly Verdict[];
  /** Of a Gateway: how many ListenerSets add to it. */
  readonly attachedListenerSets?: number | undefined;
  /** Of a Gateway or ListenerSet: what Kubernetes wants to know of each listener besides conditions. */
  readonly listeners?:
    | readonly {
        readonly name: string;
        readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
        readonly attachedRoutes: number;
      }[]
    | undefined;
  /** Of a Gateway: where it is reached; empty when nowhere, absent when what was said before stays. */
  readonly addresses?: readonly { readonly type: string; readonly value: string }[] | undefined;
  readonly supportedFeatures?: readonly string[] | undefined;
  /** Of a route: what ExternalDNS is to point to its services; empty when there is nothing, absent when ExternalDNS is not known to be there. */
  readonly endpoints?: readonly DnsEndpoint[] | undefined;
  /** Of a Gateway: what a ServiceAccount of ours is to bear; empty when nothing is, absent when what is there stays. */
  readonly infrastructure?: Infrastructure | undefined;
  /** Annotations that we write on the object; a value of null removes one. */
  readonly annotations?: Readonly<Record<string, string | null>> | undefined;
}
