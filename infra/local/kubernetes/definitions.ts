import { z } from "zod";
import { ruleProblems } from "./cel.ts";
import { stamp } from "./meta.ts";
import type { KubeMeta, KubeObject } from "./objects.ts";
import type { Resource } from "./resources.ts";
import { isObject, type Json, type Schema } from "./schema.ts";
import type { Cause } from "./status.ts";

/** What a CustomResourceDefinition must say to be served. */
const definition = z.looseObject({
  spec: z.looseObject({
    group: z.string(),
    scope: z.enum(["Namespaced", "Cluster"]),
    names: z.looseObject({
      kind: z.string(),
      plural: z.string(),
      singular: z.string().optional(),
      shortNames: z.array(z.string()).default([]),
      categories: z.array(z.string()).default([]),
    }),
    versions: z.array(
      z.looseObject({
        name: z.string(),
        served: z.boolean(),
        storage: z.boolean(),
        schema: z.looseObject({ openAPIV3Schema: z.looseObject({}) }),
        subresources: z.looseObject({ status: z.looseObject({}).optional() }).default({}),
        additionalPrinterColumns: z
          .array(
            z.looseObject({
              name: z.string(),
              type: z.string(),
              jsonPath: z.string(),
              priority: z.number().default(0),
            }),
          )
          .default([]),
      }),
    ),
  }),
});

type Definition = z.infer<typeof definition>;

/**
 * The resources that a CustomResourceDefinition adds: one for each version that it serves. Made once per definition, because
 * validators are kept by the schema that they were made of.
 */
export function createDefinitions(): (crd: KubeObject) => readonly Resource[] {
  const made = new WeakMap<object, readonly Resource[]>();
  return ({ spec }) => {
    if (!isObject(spec)) return [];
    const resources = made.get(spec) ?? resourcesOf(definition.parse({ spec }));
    made.set(spec, resources);
    return resources;
  };
}

function resourcesOf(crd: Definition): readonly Resource[] {
  const { group, scope, names, versions } = crd.spec;
  return versions
    .filter((version) => version.served)
    .map((version) => ({
      group,
      version: version.name,
      plural: names.plural,
      singular: names.singular ?? names.kind.toLowerCase(),
      kind: names.kind,
      shortNames: names.shortNames,
      categories: names.categories,
      namespaced: scope === "Namespaced",
      hasStatus: version.subresources.status !== undefined,
      hasScale: false,
      hasGeneration: true,
      custom: true,
      schema: contentOf(version.schema.openAPIV3Schema),
      columns: version.additionalPrinterColumns.map((column) => ({
        name: column.name,
        type: column.type,
        path: column.jsonPath,
        priority: column.priority,
      })),
    }));
}

/** The schema of the content: apiVersion, kind and metadata are the server's own business. */
function contentOf(schema: Schema): Schema {
  const {
    apiVersion: _apiVersion,
    kind: _kind,
    metadata: _metadata,
    ...properties
  } = schema.properties ?? {};
  return { ...schema, properties };
}

/** What the API server does with CustomResourceDefinitions beyond serving what they define. */
export const customResourceDefinition: Pick<Resource, "schema" | "complete" | "check"> = {
  schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  complete: named,
  check: definitionProblems,
};

/** The names that need not be given follow from the kind. */
function named(content: Json): Json {
  const { spec } = content;
  if (!isObject(spec) || !isObject(spec["names"])) return content;
  const kind = String(spec["names"]["kind"]);
  const names = { singular: kind.toLowerCase(), listKind: `${kind}List`, ...spec["names"] };
  return { ...content, spec: { conversion: { strategy: "None" }, ...spec, names } };
}

function definitionProblems(
  content: Json,
  _old: KubeObject | undefined,
  metadata: KubeMeta,
): readonly Cause[] {
  const parsed = definition.safeParse(content);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => ({
      reason: "FieldValueInvalid",
      message: `Invalid value: ${message.replace(/^Invalid input: /, "")}`,
      field: path
        .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
        .join("")
        .slice(1),
    }));
  const { group, names, versions } = parsed.data.spec;
  const problem = (field: string, message: string): readonly Cause[] => [
    { reason: "FieldValueInvalid", message: `Invalid value: ${message}`, field },
  ];
  const name = `${names.plural}.${group}`;
  const community = /(^|\.)(k8s|kubernetes)\.io$/.test(group);
  return [
    ...(metadata.name === name
      ? []
      : problem(
          "metadata.name",
          `${JSON.stringify(metadata.name)}: must be spec.names.plural+"."+spec.group`,
        )),
    ...(community && metadata.annotations?.["api-approved.kubernetes.io"] === undefined
      ? problem(
          "metadata.annotations[api-approved.kubernetes.io]",
          'protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
        )
      : []),
    ...versions.flatMap((one, index) =>
      [...ruleProblems(one.schema.openAPIV3Schema)].flatMap((why) =>
        problem(
          `spec.versions[${index}].schema.openAPIV3Schema.x-kubernetes-validations`,
          `compilation failed: ${why}`,
        ),
      ),
    ),
    ...(versions.filter((one) => one.storage).length === 1
      ? []
      : problem("spec.versions", "must have exactly one version marked as storage version")),
  ];
}

/** The status of a definition whose names nobody else has: it is served at once. */
export function established(crd: KubeObject, ms: number): Json {
  const { names, versions } = definition.parse(crd).spec;
  return {
    acceptedNames: names,
    storedVersions: versions.filter((one) => one.storage).map((one) => one.name),
    conditions: ["NamesAccepted", "Established"].map((type) => ({
      type,
      status: "True",
      reason: type === "Established" ? "InitialNamesAccepted" : "NoConflicts",
      message: type === "Established" ? "the initial names have been accepted" : "no conflicts found",
      lastTransitionTime: stamp(ms),
    })),
  };
}
