import type {
  Action,
  ListenerModel,
  ObservedListener,
  ObservedRule,
  RuleMatch,
  ServiceModel,
  Tags,
  Target,
  TargetGroupModel,
} from "../model/lattice.ts";

/** Why a change is made, or why nothing is. In words that a person reads in the history. */
export type Because = string;

/**
 * A rule as one call of UpdateRule or one entry of BatchUpdateRule sets it; absent members stay as they are. It is named by
 * its name, because it may be one that the same plan makes.
 */
export interface RuleUpdate {
  readonly rule: string;
  readonly match?: RuleMatch | undefined;
  readonly priority?: number | undefined;
  readonly action?: Action | undefined;
}

/**
 * One change is one Lattice call, except `leave`, which is none and says why. A listener that does not exist yet is
 * named by its port; the applier knows its id once it has made it.
 */
export type Change = { readonly because: Because } & (
  | { readonly do: "create-service"; readonly model: ServiceModel }
  | { readonly do: "update-service"; readonly service: string; readonly certificateArn: string }
  | { readonly do: "delete-service"; readonly service: string }
  | {
      readonly do: "associate";
      readonly network: { readonly name: string; readonly id: string; readonly arn: string };
      readonly model: ServiceModel;
    }
  | { readonly do: "disassociate"; readonly association: string; readonly network: string }
  | {
      readonly do: "create-listener";
      readonly listener: ListenerModel;
      readonly defaultAction: Action;
      readonly model: ServiceModel;
    }
  | { readonly do: "update-listener"; readonly listener: ObservedListener; readonly defaultAction: Action }
  | { readonly do: "delete-listener"; readonly listener: ObservedListener }
  | {
      readonly do: "create-rule";
      readonly port: number;
      readonly name: string;
      readonly from: string;
      readonly match: RuleMatch;
      readonly priority: number;
      readonly action: Action;
      readonly model: ServiceModel;
    }
  | { readonly do: "update-rules"; readonly port: number; readonly updates: readonly RuleUpdate[] }
  | { readonly do: "delete-rule"; readonly port: number; readonly rule: ObservedRule }
  | { readonly do: "create-target-group"; readonly model: TargetGroupModel }
  | { readonly do: "register"; readonly targets: readonly Target[] }
  | { readonly do: "deregister"; readonly targets: readonly Target[] }
  | { readonly do: "delete-target-group"; readonly group: string }
  /** Makes a resource that was taken over bear our tags. */
  | { readonly do: "tag"; readonly arn: string; readonly tags: Tags }
  /** Nothing is called: equal, not ours, held, or waiting for something. Where rules alone wait, all else is as it is to be. */
  | {
      readonly do: "leave";
      readonly what: string;
      readonly blocks: Blocks;
      readonly rules?: readonly RuleAt[] | undefined;
    }
);

/** A wanted rule by the port of its listener and its name in the user's words, which is empty for a default action. */
export interface RuleAt {
  readonly port: number;
  readonly from: string;
}

/**
 * What a `leave` means for the user: `none` (it is as it should be), `pending` (time or another root will bring it),
 * `refused` (somebody must act first).
 */
export type Blocks = "none" | "pending" | "refused";

/** Canonical order: equal inputs give byte-equal plans. Changes are made one after the other, in this order. */
export type Plan = readonly Change[];

/** How many Lattice calls a plan makes when nothing goes wrong. */
export const price = (plan: Plan): number => plan.filter((change) => change.do !== "leave").length;
