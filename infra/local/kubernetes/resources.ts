import type { KubeMeta, KubeObject } from "./objects.ts";
import type { Cause } from "./status.ts";
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
  readonly check?:
    | ((body: Json, old: KubeObject | undefined, metadata: KubeMeta) => readonly Cause[])
    | undefined;
}

/** Where the objects of a resource are kept: the same for all its versions. */
export const storageOf = (resource: { readonly group: string; readonly plural: string }): string =>
  `${resource.group}/${resource.plural}`;

export const apiVersionOf = (resource: { readonly group: string; readonly version: string }): string =>
  resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
