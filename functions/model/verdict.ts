import type { ObjectKey } from "./ids.ts";
import type { ParentRef } from "./objects.ts";

/** Who we are in lists that are shared with other controllers: the in-cluster controller's name, so that its objects are ours. */
export const controllerName = "application-networking.k8s.aws/gateway-api-controller";

/** The part of an object that a condition is about. */
export type Subject =
  | { readonly at: "object" }
  | { readonly at: "listener"; readonly name: string }
  | { readonly at: "parent"; readonly ref: ParentRef };

/** One condition before it has a time: what a compile or an apply says about one part of one object. */
export interface Verdict {
  readonly subject: Subject;
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

/** All that one root says about one object. An object's status is composed from the reports of every root about it. */
export interface Report {
  readonly on: ObjectKey;
  /** The object's uid: a report on an object of the same name that is gone is worth nothing. */
  readonly uid: string;
  /** The generation that was compiled. */
  readonly generation: number;
  /** Whose conditions these are in lists that are shared with other controllers. */
  readonly controllerName: string;
  readonly verdicts: readonly Verdict[];
  /** Of a Gateway: what Kubernetes wants to know of each listener besides conditions. */
  readonly listeners?:
    | readonly {
        readonly name: string;
        readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
        readonly attachedRoutes: number;
      }[]
    | undefined;
  readonly addresses?: readonly { readonly type: string; readonly value: string }[] | undefined;
  readonly supportedFeatures?: readonly string[] | undefined;
  /** Annotations that we write on the object; a value of null removes one. */
  readonly annotations?: Readonly<Record<string, string | null>> | undefined;
}
