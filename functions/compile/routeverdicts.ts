import type { Standing } from "../model/lattice.ts";
import type { Route } from "../model/routes.ts";
import { controllers, type Verdict } from "../model/verdict.ts";
import { mistakeIn, notOfEspalier, onlyWildcards, type Ask, type NoAsk } from "./ask.ts";
import type { RefReason } from "./backend.ts";
import { hostnamesOf } from "./gatewayservice.ts";
import { isWildcard } from "./hostname.ts";
import type { Judgement, Judgements } from "./judge.ts";
import type { Parent } from "./parents.ts";
import { isTakenByNone, standstillOf } from "./standstill.ts";
import { isServing, standingFor, type Served } from "./routeservices.ts";
import { routeText } from "./serving.ts";

/** A parent, and whether it takes the route once everything is considered. */
export interface Acceptance {
  readonly parent: Parent;
  readonly refused?: { readonly reason: string; readonly message: string } | undefined;
  /** Refused for a reason for which nothing is taken away, such as a mistake in an annotation. */
  readonly stays?: boolean | undefined;
  /** Refused, and its rules keep their places and answer 500: nobody else is to take their requests. */
  readonly keepsPlace?: boolean | undefined;
}

/** Which parents take the route: attachment first, then what the route asks of Lattice. */
export function acceptance(
  route: Route,
  parents: readonly Parent[],
  judgements: Judgements,
  ask: Ask | NoAsk,
  incumbent: boolean,
): readonly Acceptance[] {
  const own = parents.filter((one) => one.class === "amazon-vpc-lattice");
  return parents.map((parent) => {
    const { attachment } = parent;
    const judgement = judgements[parent.class];
    if (attachment.is === "refused")
      return {
        parent,
        refused: { reason: attachment.reason, message: attachment.message },
        stays: isLenient(parent, incumbent) && isTakenByNone(own),
      };
    const message =
      judgement.unsupported ??
      (parent.class === "espalier" ? wildcardsOnly(parent) : "why" in ask ? ask.why : undefined);
    const refuse = (why: string) => ({ parent, refused: { reason: "UnsupportedValue", message: why } });
    if (message !== undefined) return refuse(message);
    const mistake =
      parent.class === "espalier"
        ? mistakeIn(route, judgement, parent.class)
        : standstillOf(route, own, judgement, incumbent);
    if (mistake !== undefined) return { ...refuse(mistake), stays: true };
    return judgement.inVain === undefined ? { parent } : { ...refuse(judgement.inVain), keepsPlace: true };
  });
}

function wildcardsOnly({ attachment }: Parent): string | undefined {
  const hostnames = attachment.is === "accepted" ? hostnamesOf(attachment.listeners) : [];
  return hostnames.length > 0 && hostnames.every(isWildcard) ? onlyWildcards : undefined;
}

/** Of several problems one reason speaks, in this order, and the message names all. */
const order: readonly RefReason[] = [
  "RefNotPermitted",
  "InvalidKind",
  "BackendNotFound",
  "UnsupportedProtocol",
];

/** A condition on one parent of a route. */
export const say = (
  parent: Parent,
  type: string,
  status: Verdict["status"],
  reason: string,
  message = "",
): Verdict => ({
  subject: { at: "parent", ref: parent.ref, controllerName: controllers[parent.class] },
  type,
  status,
  reason,
  message,
});

/**
 * What a route names as a parent and is not there is told at its first parent of ours: an entry of its own would speak for a Gateway
 * that may be anybody's.
 */
export function missingParents([first]: readonly Parent[], missing: readonly string[]): readonly Verdict[] {
  if (first === undefined || missing.length === 0) return [];
  const message = `there is no ${missing.join(", no ")}; nothing serves the route there`;
  return [say(first, "espalier.dev/Parents", "False", "NotFound", message)];
}

/** The conditions of a route's parents that do not depend on Lattice. */
export function routeVerdicts(
  route: Route,
  accepted: readonly Acceptance[],
  judgements: Judgements,
  ask: Ask | NoAsk,
  incumbent: boolean,
): readonly Verdict[] {
  return accepted.flatMap((one) => {
    const { parent, refused } = one;
    const judgement = judgements[parent.class];
    const { refs, dropped } = judgement;
    const reason = order.find((each) => refs.some((problem) => problem.reason === each));
    const lenient = isLenient(parent, incumbent);
    const lost = refused === undefined ? [...dropped, ...(lenient ? [] : wildcardsBeside(parent))] : [];
    return [
      refused === undefined
        ? say(parent, "Accepted", "True", "Accepted")
        : say(parent, "Accepted", "False", refused.reason, refused.message),
      reason === undefined
        ? say(parent, "ResolvedRefs", "True", "ResolvedRefs")
        : say(parent, "ResolvedRefs", "False", reason, refs.map((problem) => problem.message).join("; ")),
      ...(lost.length > 0
        ? [say(parent, "PartiallyInvalid", "True", "UnsupportedValue", `Dropped Rule: ${lost.join("; ")}`)]
        : []),
      ...(refused === undefined ? otherHostnames(parent, ask, incumbent) : []),
      ...(refused === undefined ? ignoredAnnotations(route, parent) : []),
      ...warnings(one, judgement),
    ];
  });
}

/** Whether the rules of profile `incumbent` hold at a parent. */
export const isLenient = (parent: Parent, incumbent: boolean): boolean =>
  incumbent && parent.class === "amazon-vpc-lattice";

/** What does not keep a route from being served, and is not as its author may think. */
function warnings({ parent, refused, stays }: Acceptance, judgement: Judgement): readonly Verdict[] {
  const { shared, ignored, idle, grants } = judgement;
  const warn = (type: string, reason: string, message: string): Verdict =>
    say(parent, `espalier.dev/${type}`, "False", reason, message);
  const taken = refused === undefined;
  return [
    ...(taken && shared.length > 0 ? [warn("BackendPorts", "OneTargetGroup", shared.join("; "))] : []),
    ...(taken && ignored.length > 0
      ? [
          warn(
            "RuleFields",
            "Ignored",
            `${ignored.join("; ")}; profile incumbent does as if they were not there, as the in-cluster controller; profile standard answers 500`,
          ),
        ]
      : []),
    ...((taken || stays === true) && idle.length > 0
      ? [warn("RulePriorities", "Ignored", idle.join("; "))]
      : []),
    ...(grants.length > 0
      ? [
          warn(
            "ReferenceGrant",
            "Missing",
            `allowed in profile incumbent, but the Gateway API asks for:\n${grants.join("\n---\n")}`,
          ),
        ]
      : []),
  ];
}

/** Hostnames that a route has beside others and that no service can have. */
function wildcardsBeside({ attachment }: Parent): readonly string[] {
  if (attachment.is !== "accepted") return [];
  const wild = hostnamesOf(attachment.listeners).filter(isWildcard);
  return wild.length === 0
    ? []
    : [
        `hostnames ${wild.join(", ")}: a Lattice service has one exact domain, so wildcards are not served; name exact ones`,
      ];
}

function ignoredAnnotations(route: Route, parent: Parent): readonly Verdict[] {
  const message = parent.class === "espalier" ? notOfEspalier(route.metadata.annotations) : undefined;
  return message === undefined ? [] : [say(parent, "espalier.dev/Annotations", "False", "Ignored", message)];
}

/** A service of class `amazon-vpc-lattice` has one hostname; whoever wrote more must know. */
function otherHostnames(parent: Parent, ask: Ask | NoAsk, incumbent: boolean): readonly Verdict[] {
  if (parent.class !== "amazon-vpc-lattice" || "why" in ask || ask.others.length === 0) return [];
  const message = `${ask.others.join(", ")} ${ask.others.length === 1 ? "is" : "are"} not served: a route of class amazon-vpc-lattice has one service, and a service one hostname, ${ask.hostname}${incumbent ? "" : "; class espalier serves all"}`;
  return [say(parent, "espalier.dev/Hostnames", "False", "NotServed", message)];
}

/** The condition Programmed on each parent that takes the route, or did: the truth about the services that serve it there. */
export function programmed(
  route: Route,
  accepted: readonly Acceptance[],
  served: readonly Served[],
): readonly Verdict[] {
  return accepted.flatMap(({ parent, refused, stays }) => {
    const its = served.filter((one) => one.parents.includes(parent));
    if (refused !== undefined && (stays !== true || its.length === 0)) return [];
    const judged = its.map((one) => judgedBy(route, one));
    const worst = (["Failed", "Invalid", "Pending"] as const).find((reason) =>
      judged.some((one) => one.reason === reason),
    );
    const messages = judged.filter((one) => one.reason === worst).map((one) => one.message);
    return [
      worst === undefined
        ? say(parent, "Programmed", "True", "Programmed", whereItIs(its))
        : say(parent, "Programmed", "False", worst, [...new Set(messages)].join("; ")),
    ];
  });
}

/**
 * By which services a parent has its requests answered, and for which hostname: with several networks, or hostnames, each has its own
 * DNS name.
 */
const whereItIs = (its: readonly Served[]): string =>
  its
    .flatMap(({ output: { at } = {} }) =>
      at === undefined
        ? []
        : [
            `service ${at.name} answers ${at.hostname === undefined ? "" : `${at.hostname} `}at ${at.dnsName}`,
          ],
    )
    .join("; ");

interface Judged {
  readonly reason: "Programmed" | "Pending" | "Invalid" | "Failed";
  readonly message: string;
}

function judgedBy(route: Route, one: Served): Judged {
  if (one.refused !== undefined) return { reason: one.reason ?? "Invalid", message: one.refused };
  const { output } = one;
  const refusal = output?.refuses[routeText(route)];
  if (refusal !== undefined) return { reason: "Invalid", message: refusal };
  const { is, message }: Standing =
    output === undefined
      ? { is: "pending", message: "its service is being made" }
      : standingFor(route, output);
  if (is !== "programmed")
    return { reason: is === "failed" ? "Failed" : is === "invalid" ? "Invalid" : "Pending", message };
  if (isServing(route, one)) return { reason: "Programmed", message: "" };
  return { reason: "Pending", message: "its service has not taken it in yet" };
}
