import { inProgress } from "../apply/refresh.ts";
import type { Compiled } from "../compile/compiled.ts";
import type { ObservedService, ServiceAt, ServiceOutput, Standing, Trouble } from "../model/lattice.ts";
import { takingOver } from "./adopt.ts";
import { stillFailing } from "./failure.ts";
import type { Done } from "./outcome.ts";

/** What a service tells the routes that it serves: where it is, and the truth about what of them has reached Lattice. */
export function serviceOutput(done: Done, observed: ObservedService | undefined): ServiceOutput {
  const { declines, lost } = done.compiled.compiled;
  const { want, refuses = {}, serves = want.is === "wait" ? servesNow(done) : {} } = done.compiled.compiled;
  const unready = unreadyIn(done.compiled.compiled.unready ?? {}, observed);
  const there = observed?.lifecycle === "active" && observed.ours !== "foreign";
  const closed = there ? closedPorts(done, observed) : [];
  return {
    kind: "service",
    ...(there ? { at: whereIs(observed) } : {}),
    ...standingIn(done, observed),
    serves,
    refuses,
    ...(declines === undefined ? {} : { declines }),
    ...(isSought(done) && { sought: true }),
    ...(lost === undefined ? {} : { lost }),
    ...(Object.keys(unready).length === 0 ? {} : { unready }),
    ...(closed.length === 0 ? {} : { closed }),
  };
}

/** In profile `incumbent`, whether it is known what there was of it: what has just been found has not claimed its hostname yet. */
const isSought = ({ want, seen, place, held: { ledger } }: Done): boolean =>
  place.facts.registration.profile === "incumbent" &&
  want !== takingOver &&
  (ledger.observed !== undefined || ledger.soughtAs !== undefined || seen === "lattice");

/** The backends without an endpoint that have requests sent to them: what a rule only waits for has none. */
function unreadyIn(
  all: NonNullable<Compiled["unready"]>,
  observed: ObservedService | undefined,
): NonNullable<ServiceOutput["unready"]> {
  const actions = (observed?.listeners ?? []).flatMap(({ defaultAction, rules }) => [
    defaultAction,
    ...rules.map((rule) => rule.action),
  ]);
  const reached = new Set(
    actions.flatMap((action) =>
      action.do === "forward" ? action.groups.flatMap(({ id, weight }) => (weight > 0 ? [id] : [])) : [],
    ),
  );
  return Object.fromEntries(
    Object.entries(all).flatMap(([route, its]) => {
      const backends = its.flatMap(({ group, backend }) => (reached.has(group) ? [backend] : []));
      return backends.length === 0 ? [] : [[route, backends]];
    }),
  );
}

/** Ports that it is to listen on and does not. While it waits, those of before. */
function closedPorts({ want, held: { ledger } }: Done, { listeners }: ObservedService): readonly number[] {
  const before = ledger.output?.kind === "service" ? (ledger.output.closed ?? []) : [];
  const wanted =
    want.is === "model" && want.model.kind === "service"
      ? want.model.listeners.filter((one) => one.uncertified !== true).map(({ port }) => port)
      : before;
  return wanted.filter((port) => !listeners.some((one) => one.port === port));
}

const whereIs = ({ id, arn, name, dnsName, customDomainName, associations }: ObservedService): ServiceAt => ({
  id,
  arn,
  name,
  dnsName,
  ...(customDomainName === undefined ? {} : { hostname: customDomainName }),
  networks: associations
    .filter(({ lifecycle }) => lifecycle === "active")
    .map(({ network }) => network)
    .toSorted(),
});

/** What it served when more was known: whatever there is stays meanwhile. */
const servesNow = ({ held: { ledger } }: Done): ServiceOutput["serves"] =>
  ledger.output?.kind === "service" ? ledger.output.serves : {};

/** How a service stands to Lattice, and which routes that is about where it is not about all. */
function standingIn(
  done: Done,
  observed: ObservedService | undefined,
): Pick<ServiceOutput, "standing" | "behind"> {
  const standing = standingOf(done, observed);
  const behind = standing.is === "programmed" ? undefined : behindIn(done, observed);
  return { standing, ...(behind && { behind }) };
}

/** The routes whose rules are not as they are to be; undefined where it is not only that of some rules. */
function behindIn(
  { want, plan, applied, compiled }: Done,
  observed: ObservedService | undefined,
): readonly string[] | undefined {
  const { owners = {}, troubles = [] } = compiled.compiled;
  if (want.is !== "model" || observed === undefined || inProgress(observed)) return undefined;
  if (applied.outcomes.some(({ is }) => is === "failed" || is === "skipped")) return undefined;
  const behind = new Set<string | undefined>();
  for (const change of plan) {
    if (change.do !== "leave" || change.blocks === "none") continue;
    const routes = change.rules?.map(({ port, from }) => owners[`${port} ${from}`]);
    for (const one of routes ?? [undefined]) behind.add(one);
  }
  for (const { routes } of troubles) for (const one of routes ?? [undefined]) behind.add(one);
  const known = [...behind].flatMap((one) => one ?? []);
  return known.length === behind.size ? known.toSorted() : undefined;
}

/** Failures first, then what somebody must act on, then what time or another root will bring. */
function standingOf(
  { want, plan, applied, compiled, held }: Done,
  observed: ObservedService | undefined,
): Standing {
  const before = held.ledger.output?.kind === "service" ? held.ledger.output.standing.message : undefined;
  const failed = applied.outcomes.flatMap((outcome) =>
    outcome.is === "failed" ? [stillFailing(before, outcome.error)] : [],
  );
  const troubles = (is: Trouble["is"]): readonly string[] =>
    (compiled.compiled.troubles ?? []).flatMap((one) => (one.is === is ? [one.message] : []));
  const broken = [...failed, ...troubles("failed")];
  if (broken.length > 0) return { is: "failed", message: broken.join("; ") };
  if (want.is === "wait")
    return {
      is: want.until === "mended" ? "invalid" : "pending",
      message: want.why.join("; "),
      ...(compiled.compiled.keepsElsewhere === true ? { working: true } : {}),
    };
  const leaves = plan.flatMap((change) => (change.do === "leave" ? [change] : []));
  const pending = [
    ...leaves.filter((leave) => leave.blocks === "pending").map((leave) => leave.because),
    ...(applied.outcomes.some((outcome) => outcome.is === "skipped") ? ["not all calls are made yet"] : []),
    ...(observed === undefined || inProgress(observed) ? ["Lattice is at work on it"] : []),
  ];
  const left = leaves.filter((leave) => leave.blocks === "refused").map((leave) => leave.because);
  const refused = [...new Set([...left, ...troubles("refused")])];
  if (refused.length > 0)
    return { is: "invalid", message: refused.join("; "), ...(pending.length > 0 ? { working: true } : {}) };
  return pending.length > 0
    ? { is: "pending", message: pending.join("; ") }
    : { is: "programmed", message: "" };
}
