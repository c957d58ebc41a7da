import { z } from "zod";
import type { KubeObject } from "./objects.ts";
import { KubeError, type Cause } from "./status.ts";
import type { Json, Schema } from "./schema.ts";

/** A column of `kubectl get`. */
export interface Column {
  readonly name: string;
  readonly type: string;
  /** A JSONPath of the simple kind that CRDs use, such as `.spec.gatewayClassName` or `.status.conditions[?(@.type=="Programmed")].status`. */
  readonly path: string;
  /** Above 0: only with `-o wide`. */
  readonly priority: number;
}

/** One resource of the API: a kind in one version. Versions of a kind share their objects. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly hasStatus: boolean;
  readonly hasScale: boolean;
  /** Whether the server counts changes of its content in metadata.generation. */
  readonly hasGeneration: boolean;
  /** Whether it comes from a CustomResourceDefinition. */
  readonly custom: boolean;
  /** Of the content without apiVersion, kind and metadata; absent: anything goes. */
  readonly schema?: Schema | undefined;
  readonly columns: readonly Column[];
  /** Defaults of the real server that no schema expresses. */
  readonly complete?: ((content: Json) => Json) | undefined;
  /** Checks of the real server that no schema expresses. */
  readonly check?: ((body: Json, old: KubeObject | undefined) => readonly Cause[]) | undefined;
}

/** Where the objects of a resource are kept: the same for all its versions. */
export const storageOf = (resource: { readonly group: string; readonly plural: string }): string =>
  `${resource.group}/${resource.plural}`;

export const apiVersionOf = (resource: { readonly group: string; readonly version: string }): string =>
  resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;

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
        schema: z.looseObject({ openAPIV3Schema: z.looseObject({}) }).optional(),
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

/** The resources that a CustomResourceDefinition adds: one for each version that it serves. Throws KubeError for one that is not understood. */
export function resourcesOf(crd: unknown): readonly Resource[] {
  const parsed = definition.safeParse(crd);
  if (!parsed.success)
    throw new KubeError(
      422,
      "Invalid",
      `this CustomResourceDefinition is invalid: ${z.prettifyError(parsed.error)}`,
    );
  const { group, scope, names, versions } = parsed.data.spec;
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
      schema: contentOf(version.schema?.openAPIV3Schema),
      columns: version.additionalPrinterColumns.map((column) => ({
        name: column.name,
        type: column.type,
        path: column.jsonPath,
        priority: column.priority,
      })),
    }));
}

/** The schema of the content: apiVersion, kind and metadata are the server's own business. */
function contentOf(schema: Schema | undefined): Schema | undefined {
  if (schema === undefined) return undefined;
  const {
    apiVersion: _apiVersion,
    kind: _kind,
    metadata: _metadata,
    ...properties
  } = schema.properties ?? {};
  return { ...schema, properties };
}
