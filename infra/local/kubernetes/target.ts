import type { Attributes } from "./rbac.ts";

/** What a URL of the API is about. */
export type Target =
  | { readonly is: "path"; readonly path: string }
  | {
      readonly is: "resource";
      readonly group: string;
      readonly version: string;
      readonly plural: string;
      readonly namespace?: string | undefined;
      readonly name?: string | undefined;
      readonly subresource?: string | undefined;
    };

type ResourceTarget = Extract<Target, { is: "resource" }>;

/** Reads `/api/v1/...` and `/apis/GROUP/VERSION/...`; all else is a path. */
export function targetOf(pathname: string): Target {
  const [first, ...parts] = pathname
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
  const path = { is: "path", path: pathname } as const;
  if (first === "api" && parts.length > 1) return resource("", parts[0] ?? "", parts.slice(1)) ?? path;
  if (first === "apis" && parts.length > 2)
    return resource(parts[0] ?? "", parts[1] ?? "", parts.slice(2)) ?? path;
  return path;
}

function resource(group: string, version: string, parts: readonly string[]): ResourceTarget | undefined {
  const [one, two, three, four, five] = parts;
  if (one === undefined) return undefined;
  const base = { is: "resource", group, version } as const;
  // A namespace itself is a resource too, with its own subresources.
  if (
    one !== "namespaces" ||
    three === undefined ||
    (three === "status" && four === undefined) ||
    three === "finalize"
  )
    return { ...base, plural: one, name: two, subresource: three };
  return { ...base, plural: three, namespace: two, name: four, subresource: five };
}

const verbs: Readonly<Record<string, readonly [one: string, many: string]>> = {
  GET: ["get", "list"],
  HEAD: ["get", "list"],
  POST: ["create", "create"],
  PUT: ["update", "update"],
  PATCH: ["patch", "patch"],
  DELETE: ["delete", "deletecollection"],
};

/** The verb of a request, and what RBAC looks at. */
export function attributesOf(method: string, target: Target, query: URLSearchParams): Attributes {
  const [one, many] = verbs[method] ?? [method.toLowerCase(), method.toLowerCase()];
  if (target.is === "path") return { verb: method.toLowerCase(), path: target.path };
  const { group, plural, subresource, namespace, name } = target;
  const watching =
    method === "GET" &&
    query.get("watch") !== null &&
    query.get("watch") !== "false" &&
    query.get("watch") !== "0";
  // A list of one by its name is authorised as that one.
  const selected = /(?:^|,)metadata\.name=([^,]+)/.exec(query.get("fieldSelector") ?? "")?.[1];
  return {
    verb: watching ? "watch" : name === undefined ? many : one,
    group,
    resource: subresource === undefined ? plural : `${plural}/${subresource}`,
    namespace: plural === "namespaces" && group === "" ? undefined : namespace,
    name: name ?? selected,
  };
}
