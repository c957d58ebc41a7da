import type { Remark, Said } from "./settled.ts";

/** `KIND NAMESPACE/NAME` of an object that something is said of. */
const titleOf = ({ kind, namespace, name }: Said): string =>
  `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;

/** A remark on one object, in a line. */
export const remarkLine = (said: Said, { at, what, message }: Remark): string =>
  `${said.cluster} ${titleOf(said)}${at}: ${what}${message === "" ? "" : `: ${message}`}`;

interface Place {
  readonly title: string;
  readonly whats: readonly string[];
}

/**
 * What still waits, failed or is refused, a line for each reason. A Gateway's trouble is that of its listeners and routes too:
 * whatever is said in the same words is one line, which names all that it is said of, and at which parent.
 */
export function problemLines(all: readonly Said[]): readonly string[] {
  const remarks = all.flatMap((said) =>
    [said.waiting, said.failed, ...said.refused].flatMap((one) =>
      one === undefined ? [] : [{ said, ...one }],
    ),
  );
  const alike = Map.groupBy(remarks, ({ said, what, message }) =>
    JSON.stringify([said.cluster, message === "" ? what : message]),
  );
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { cluster } = first.said;
    return [`${cluster} ${placesIn(group)}${first.message === "" ? "" : `: ${first.message}`}`];
  });
}

/** Where something is said, and as what: those with the same conditions stand together. */
function placesIn(group: readonly (Remark & { readonly said: Said })[]): string {
  const places = [...Map.groupBy(group, ({ said, at }) => `${titleOf(said)}${at}`)].map(
    ([title, its]): Place => ({ title, whats: [...new Set(its.map(({ what }) => what))] }),
  );
  return [...Map.groupBy(places, ({ whats }) => whats.join(", "))]
    .map(([whats, its]) => `${its.map(({ title }) => title).join(", ")}: ${whats}`)
    .join("; ");
}
