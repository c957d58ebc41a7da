import type { Verdict } from "../model/verdict.ts";
import type { RefReason } from "./backend.ts";
import type { Parent } from "./parents.ts";
import type { CustomDomain } from "./route.ts";
import type { CompiledRules } from "./rules.ts";

/** A parent, and whether it takes the route once everything is considered. */
export interface Acceptance {
  readonly parent: Parent;
  readonly refused?: { readonly reason: string; readonly message: string } | undefined;
}

/** Which parents take the route: attachment first, then what the route asks of Lattice. */
export function acceptance(
  parents: readonly Parent[],
  rules: CompiledRules,
  domain: CustomDomain,
): readonly Acceptance[] {
  return parents.map((parent) => {
    const { attachment } = parent;
    if (attachment.is === "refused")
      return { parent, refused: { reason: attachment.reason, message: attachment.message } };
    const value = unsupported(rules, domain);
    return value === undefined
      ? { parent }
      : { parent, refused: { reason: "UnsupportedValue", message: value } };
  });
}

function unsupported(rules: CompiledRules, domain: CustomDomain): string | undefined {
  if (domain.is === "wildcards")
    return "all hostnames that the route and its listeners have in common are wildcards, and a Lattice service has one exact domain; name exact hostnames";
  if (rules.badPriority !== undefined) return rules.badPriority;
  return rules.empty ? rules.dropped.join("; ") : undefined;
}

export const acceptedOf = (accepted: readonly Acceptance[]): readonly Parent[] =>
  accepted.flatMap((one) => (one.refused === undefined ? [one.parent] : []));

/** Of several problems one reason speaks, in this order, and the message names all. */
const order: readonly RefReason[] = [
  "RefNotPermitted",
  "InvalidKind",
  "BackendNotFound",
  "UnsupportedProtocol",
];

/** The conditions of a route's parents that a compile decides: Accepted, ResolvedRefs, what is partly invalid, and what its target groups are in need of. */
export function reports(accepted: readonly Acceptance[], rules: CompiledRules): readonly Verdict[] {
  return accepted.flatMap(({ parent, refused }) => {
    const say = (type: string, status: "True" | "False", reason: string, message = ""): Verdict => ({
      subject: { at: "parent", ref: parent.ref },
      type,
      status,
      reason,
      message,
    });
    const reason = order.find((one) => rules.refs.some((problem) => problem.reason === one));
    const partly = refused === undefined && rules.dropped.length > 0;
    return [
      refused === undefined
        ? say("Accepted", "True", "Accepted")
        : say("Accepted", "False", refused.reason, refused.message),
      reason === undefined
        ? say("ResolvedRefs", "True", "ResolvedRefs")
        : say("ResolvedRefs", "False", reason, rules.refs.map((problem) => problem.message).join("; ")),
      ...(partly
        ? [say("PartiallyInvalid", "True", "UnsupportedValue", `Dropped Rule: ${rules.dropped.join("; ")}`)]
        : []),
      ...(refused === undefined && rules.troubles.length > 0
        ? [say("Programmed", "False", "Failed", rules.troubles.join("; "))]
        : []),
      ...(rules.grants.length > 0
        ? [
            say(
              "espalier.dev/ReferenceGrant",
              "False",
              "Missing",
              `allowed in profile incumbent, but the Gateway API asks for:\n${rules.grants.join("\n---\n")}`,
            ),
          ]
        : []),
    ];
  });
}
