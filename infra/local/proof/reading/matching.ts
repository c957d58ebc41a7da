/**
 * One match and one request, read straight from the text of the Gateway API (HTTPRouteMatch, HTTPRouteRule.matches), without a
 * line of the compiler: a proof must not be the compiler's own opinion.
 */
export interface Match {
  readonly path: { readonly type: string; readonly value: string };
  readonly method?: string | undefined;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

export interface MatchedRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Whether all that a match asks for is so of a request. Paths are exact, or a prefix by whole elements. */
export function takes(match: Match, request: MatchedRequest): boolean {
  const { type, value } = match.path;
  const path =
    type === "Exact"
      ? request.path === value
      : elements(value).every((one, index) => elements(request.path)[index] === one);
  return (
    path &&
    (match.method === undefined || match.method === request.method) &&
    headersOf(match).every(([name, text]) => request.headers[name] === text)
  );
}

/** The elements of a path; a slash at the end of a prefix is ignored. */
const elements = (path: string): readonly string[] => path.replace(/\/$/, "").split("/");

/** Of entries with one name, in whatever case, only the first counts. */
const headersOf = ({ headers }: Match): readonly (readonly [string, string])[] => {
  const found = new Map<string, string>();
  for (const { name, value } of headers)
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), value);
  return [...found];
};

/** Below zero when the first of two matches wins: an exact path, a longer prefix, a method, more headers. */
export function precedence(a: Match, b: Match): number {
  const rank = (one: Match): readonly number[] => [
    one.path.type === "Exact" ? 1 : 0,
    one.path.value.replace(/\/$/, "").length,
    one.method === undefined ? 0 : 1,
    headersOf(one).length,
  ];
  const [first, second] = [rank(a), rank(b)];
  const at = first.findIndex((value, index) => value !== second[index]);
  return at < 0 ? 0 : (second[at] ?? 0) - (first[at] ?? 0);
}
