import { apiVersionOf, type Resource } from "./resources.ts";

type Json = Readonly<Record<string, unknown>>;

/** The documents by which clients learn what is served; undefined for a path that is none of them. */
export function discovery(path: string, served: readonly Resource[]): Json | undefined {
  const parts = path.split("/").filter((part) => part !== "");
  const [first, group, version] = parts;
  if (path === "/version") return versionInfo;
  if (path === "/api") return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
  if (path === "/api/v1")
    return resourceList(
      "v1",
      served.filter((one) => one.group === "" && one.version === "v1"),
    );
  if (first === "openapi") return openapi(parts.slice(1), served);
  if (first !== "apis" || parts.length > 3) return undefined;
  const groups = groupsOf(served);
  if (group === undefined) return { kind: "APIGroupList", apiVersion: "v1", groups };
  if (version === undefined) {
    const found = groups.find((one) => one.name === group);
    return found && { kind: "APIGroup", apiVersion: "v1", ...found };
  }
  const mine = served.filter((one) => one.group === group && one.version === version);
  if (group === "authorization.k8s.io" && version === "v1") return reviews;
  return mine.length === 0 ? undefined : resourceList(`${group}/${version}`, mine);
}

const versionInfo = {
  major: "1",
  minor: "34",
  gitVersion: "v1.34.0+espalier",
  gitCommit: "",
  gitTreeState: "",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "",
  platform: "",
};

function groupsOf(served: readonly Resource[]) {
  const names = [
    ...new Set(served.map((one) => one.group).filter((one) => one !== "")),
    "authorization.k8s.io",
  ];
  return names.map((name) => {
    const versions = [
      ...new Set(served.filter((one) => one.group === name).map((one) => one.version)),
    ].toSorted(
      (a, b) => Number(/\D+\d+$/.test(a.slice(2))) - Number(/\D+\d+$/.test(b.slice(2))) || (a < b ? -1 : 1),
    );
    const all = (versions.length === 0 ? ["v1"] : versions).map((version) => ({
      groupVersion: `${name}/${version}`,
      version,
    }));
    return { name, versions: all, preferredVersion: all[0] };
  });
}

/** `kubectl auth can-i` creates one, and `--list` of it the other; none is stored. */
const reviews: Json = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: "authorization.k8s.io/v1",
  resources: ["SelfSubjectAccessReview", "SelfSubjectRulesReview"].map((kind) => ({
    name: `${kind.toLowerCase()}s`,
    singularName: kind.toLowerCase(),
    namespaced: false,
    kind,
    verbs: ["create"],
  })),
};

const readWrite = ["create", "delete", "get", "list", "patch", "update", "watch"];

function resourceList(groupVersion: string, resources: readonly Resource[]): Json {
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion,
    resources: resources.flatMap((one) => {
      const base = { singularName: "", namespaced: one.namespaced, kind: one.kind };
      return [
        {
          ...base,
          name: one.plural,
          singularName: one.singular,
          verbs: readWrite,
          ...(one.shortNames.length === 0 ? {} : { shortNames: one.shortNames }),
          ...(one.categories.length === 0 ? {} : { categories: one.categories }),
        },
        ...(one.hasStatus
          ? [{ ...base, name: `${one.plural}/status`, verbs: ["get", "patch", "update"] }]
          : []),
        ...(one.hasScale
          ? [
              {
                ...base,
                name: `${one.plural}/scale`,
                kind: "Scale",
                group: "autoscaling",
                version: "v1",
                verbs: ["get", "patch", "update"],
              },
            ]
          : []),
      ];
    }),
  };
}

/**
 * OpenAPI, as far as kubectl needs it: to learn that the server validates fields itself, and takes dry runs; and, for `kubectl
 * explain`, what a CustomResourceDefinition says of its fields.
 */
function openapi(parts: readonly string[], served: readonly Resource[]): Json | undefined {
  if (parts[0] !== "v3") return undefined;
  const versions = [...new Set(served.map(apiVersionOf))];
  const place = (apiVersion: string): string =>
    apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
  if (parts.length === 1)
    return {
      paths: Object.fromEntries(
        versions.map((one) => [place(one), { serverRelativeURL: `/openapi/v3/${place(one)}` }]),
      ),
    };
  const asked = parts.slice(1).join("/");
  const apiVersion = versions.find((one) => place(one) === asked);
  if (apiVersion === undefined) return undefined;
  const mine = served.filter((one) => apiVersionOf(one) === apiVersion);
  const parameters = ["dryRun", "fieldManager", "fieldValidation"].map((name) => ({
    name,
    in: "query",
    schema: { type: "string", uniqueItems: true },
  }));
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: versionInfo.gitVersion },
    paths: Object.fromEntries(
      mine.map((one) => [
        `/${asked}/${one.namespaced ? "namespaces/{namespace}/" : ""}${one.plural}/{name}`,
        {
          patch: {
            parameters,
            responses: {},
            "x-kubernetes-action": "patch",
            "x-kubernetes-group-version-kind": { group: one.group, kind: one.kind, version: one.version },
          },
        },
      ]),
    ),
    components: {
      schemas: Object.fromEntries(
        mine.flatMap((one) =>
          one.custom ? [[`${one.group}.${one.version}.${one.kind}`, schemaOf(one)]] : [],
        ),
      ),
    },
  };
}

/** The schema of a kind with what every object has, and with the kind that it is of. */
const schemaOf = ({ group, version, kind, schema }: Resource): Json => ({
  ...schema,
  properties: {
    apiVersion: { type: "string" },
    kind: { type: "string" },
    metadata: { type: "object" },
    ...schema?.properties,
  },
  "x-kubernetes-group-version-kind": [{ group, version, kind }],
});
