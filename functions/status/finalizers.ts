import type { Kind } from "../model/objects.ts";

/** What the in-cluster controller puts on objects, so that it is asked before they go (reference-controller.md 2.5). */
const theirs: Readonly<Partial<Record<Kind, string>>> = {
  Gateway: "gateway.k8s.aws/resources",
  HTTPRoute: "httproute.k8s.aws/resources",
  GRPCRoute: "grpcroute.k8s.aws/resources",
  TLSRoute: "tlsroute.k8s.aws/resources",
};

/**
 * The finalizers that stay on an object of a cluster that has moved over, or undefined when all do: nobody is there any more to take
 * the in-cluster controller's away, and a deletion would wait for that for ever.
 */
export function finalizersLeft(kind: Kind, finalizers: readonly string[]): readonly string[] | undefined {
  const left = finalizers.filter((one) => one !== theirs[kind]);
  return left.length === finalizers.length ? undefined : left;
}
