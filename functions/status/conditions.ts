import { z } from "zod";
import { byText } from "../model/canonical.ts";
import { infrastructureCondition } from "../model/infrastructure.ts";
import type { Verdict } from "../model/verdict.ts";

/** A condition as Kubernetes stores it (metav1.Condition). */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number | undefined;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

/** Conditions as they are found: of ours and of others, perhaps incomplete. */
export const conditions = z
  .array(
    z.looseObject({
      type: z.string(),
      status: z.string().default("Unknown"),
      observedGeneration: z.number().optional(),
      lastTransitionTime: z.string().default("1970-01-01T00:00:00Z"),
      reason: z.string().default(""),
      message: z.string().default(""),
    }),
  )
  .default([]);

/** What the types of conditions begin with that nobody else writes. */
export const noteDomain = "espalier.dev/";

/** Types whose mere presence says that something is wrong; without a cause they are taken away. */
const negative: ReadonlySet<string> = new Set([
  "Conflicted",
  "OverlappingTLSConfig",
  "PartiallyInvalid",
  "InsecureFrontendValidationMode",
]);

const messageMax = 32_768;
const conditionsMax = 8;

/** A condition that is ours to take away when nothing says it any more. */
const goesWhenUnsaid = (type: string): boolean =>
  negative.has(type) || type.startsWith(noteDomain) || type === "Programmed";

export interface Said extends Omit<Verdict, "subject"> {
  readonly generation: number;
}

/**
 * Conditions with what is said now: other types stay as they are and where they are; the time moves only when the status
 * does; what is said of an older generation than a condition has seen is not written over it. Kubernetes takes eight: of more,
 * notes share one.
 */
export function merged(
  before: readonly Condition[],
  said: readonly Said[],
  now: string,
): readonly Condition[] {
  const all = worst(said);
  const types = new Set(all.map((one) => one.type));
  const others = before.filter(({ type }) => !types.has(type) && !goesWhenUnsaid(type)).length;
  const byType = new Map(folded(all, conditionsMax - others).map((one) => [one.type, one]));
  const kept = before.flatMap((condition): readonly Condition[] => {
    const one = byType.get(condition.type);
    if (one === undefined) return goesWhenUnsaid(condition.type) ? [] : [condition];
    byType.delete(condition.type);
    if ((condition.observedGeneration ?? 0) > one.generation) return [condition];
    return [conditionOf(one, condition.status === one.status ? condition.lastTransitionTime : now)];
  });
  return [...kept, ...[...byType.values()].map((one) => conditionOf(one, now))].slice(0, conditionsMax);
}

const conditionOf = (one: Said, time: string): Condition => ({
  type: one.type,
  status: one.status,
  observedGeneration: one.generation,
  lastTransitionTime: time,
  reason: one.reason,
  message: one.message.slice(0, messageMax),
});

/** What bears several notes for which there are not enough conditions. */
const notes = "espalier.dev/Notes";

/** The notes that are the first to share a condition: what they say of changes nothing for who sends requests. */
const minor: readonly string[] = [
  "espalier.dev/ReferenceGrant",
  "espalier.dev/BackendPorts",
  "espalier.dev/RuleFields",
  infrastructureCondition,
];

/** What is said, in no more conditions than there is room for: the minor notes of ours share one, with all their messages. */
function folded(said: readonly Said[], room: number): readonly Said[] {
  const excess = said.length - room;
  if (excess <= 0) return said;
  const rank = ({ type }: Said): number => (minor.includes(type) ? minor.indexOf(type) : minor.length);
  const ours = said
    .filter(({ type }) => type.startsWith(noteDomain))
    .toSorted((a, b) => rank(a) - rank(b) || byText(a.type, b.type))
    .slice(0, excess + 1);
  if (ours.length < 2) return said;
  const one: Said = {
    type: notes,
    status: "False",
    reason: "Several",
    message: ours
      .map(({ type, reason, message }) => `${type} ${reason}${message === "" ? "" : `: ${message}`}`)
      .join("\n"),
    generation: Math.max(...ours.map(({ generation }) => generation)),
  };
  return [...said.filter((each) => !ours.includes(each)), one];
}

/** When several roots say something about one condition the worse holds, and the messages of all that say it are joined. */
function worst(said: readonly Said[]): readonly Said[] {
  const byType = new Map<string, Said[]>();
  for (const one of said) byType.set(one.type, [...(byType.get(one.type) ?? []), one]);
  return [...byType.values()].flatMap((all) => {
    const rank = (one: Said): number =>
      one.status === (negative.has(one.type) ? "True" : "False") ? 2 : one.status === "Unknown" ? 1 : 0;
    const most = Math.max(...all.map(rank));
    const loud = all.filter((one) => rank(one) === most);
    const [first] = loud;
    if (first === undefined) return [];
    const messages = [...new Set(loud.map((one) => one.message).filter((message) => message !== ""))];
    return [
      { ...first, generation: Math.max(...all.map((one) => one.generation)), message: messages.join("; ") },
    ];
  });
}
