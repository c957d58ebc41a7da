import { z } from "zod";
import type { KubeObject } from "./objects.ts";
import { isReady } from "./pods.ts";

const wanted = z.looseObject({ replicas: z.int().catch(1) }).catch({ replicas: 1 });

/** Pods of a Deployment, as far as its status counts them. */
export interface Rollout {
  /** Those that its template makes now. */
  readonly updated: readonly KubeObject[];
  /** Those that an earlier template made. */
  readonly old: readonly KubeObject[];
}

/**
 * What the controller of Deployments says of one (apps/v1, DeploymentStatus): `kubectl rollout status` waits for it. Of a Deployment
 * that no Service selects nobody could see a pod, so it has none here, and is told to be as it should.
 */
export function statusOf(deployment: KubeObject, rollout: Rollout | undefined) {
  const { replicas } = wanted.parse(deployment["spec"]);
  const all = rollout === undefined ? undefined : [...rollout.updated, ...rollout.old];
  const ready = all?.filter(isReady).length ?? replicas;
  const available = ready >= replicas;
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    replicas: all?.length ?? replicas,
    updatedReplicas: rollout?.updated.length ?? replicas,
    readyReplicas: ready,
    availableReplicas: ready,
    conditions: [
      {
        type: "Available",
        status: available ? "True" : "False",
        reason: available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
        message: available
          ? "Deployment has minimum availability."
          : "Deployment does not have minimum availability.",
      },
    ],
  };
}
