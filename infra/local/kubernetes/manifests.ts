import { LineCounter, parseAllDocuments } from "yaml";
import type { KubeObject, ResourceName } from "./objects.ts";
import { isObject, type Json } from "./schema.ts";

/** One object of a manifest, and where it stands. */
export interface Manifest {
  readonly object: KubeObject;
  /** `FILE, document N (line L)`. */
  readonly where: string;
}

/** Reads YAML of several documents. What cannot be read becomes an error that says where and why; the rest is read still. */
export function readManifests(
  text: string,
  file: string,
): { readonly manifests: readonly Manifest[]; readonly errors: readonly string[] } {
  const lines = new LineCounter();
  const manifests: Manifest[] = [];
  const errors: string[] = [];
  for (const [index, document] of [...parseAllDocuments(text, { lineCounter: lines })].entries()) {
    const [problem] = document.errors;
    const line = lines.linePos(document.contents?.range?.[0] ?? problem?.pos[0] ?? 0).line;
    const where = `${file}, document ${index + 1} (line ${line})`;
    if (problem !== undefined) {
      errors.push(`${where}: this is no YAML: ${problem.message.split("\n")[0]?.replace(/:$/, "")}`);
      continue;
    }
    const value: unknown = document.toJS();
    if (value === null) continue;
    for (const one of itemsOf(value)) {
      const mistake = mistakeIn(one);
      if (mistake === undefined) manifests.push({ object: one as KubeObject, where });
      else errors.push(`${where}: ${mistake}`);
    }
  }
  return { manifests, errors };
}

/** A `List` holds several objects. */
const itemsOf = (value: unknown): readonly unknown[] =>
  isObject(value) && value["kind"] === "List" && Array.isArray(value["items"])
    ? (value["items"] as unknown[])
    : [value];

function mistakeIn(value: unknown): string | undefined {
  if (!isObject(value))
    return `a Kubernetes object is a mapping with apiVersion and kind, and this is ${JSON.stringify(value)}`;
  for (const field of ["apiVersion", "kind"])
    if (typeof value[field] !== "string") return `${field} is missing: say what kind of object this is`;
  const metadata = value["metadata"];
  if (!isObject(metadata) || typeof metadata["name"] !== "string")
    return `${String(value["kind"])}: metadata.name is missing: every object needs a name`;
  return undefined;
}

/** An API server that manifests are applied to. */
export interface Applier {
  /** The resource of a kind, or undefined when it is not served. */
  resourceOf(
    apiVersion: string,
    kind: string,
  ): Promise<{ readonly resource: ResourceName; readonly namespaced: boolean } | undefined>;
  /** Creates the object, or merges it into the one that exists. Throws what the API server refuses. */
  apply(resource: ResourceName, object: KubeObject): Promise<void>;
}

/** Applies manifests in the order that needs no second try: namespaces and definitions first. Answers what was refused, and why. */
export async function applyManifests(
  manifests: readonly Manifest[],
  api: Applier,
): Promise<readonly string[]> {
  const errors: string[] = [];
  const first = new Set(["Namespace", "CustomResourceDefinition"]);
  const rank = ({ object }: Manifest): number => (first.has(object.kind) ? 0 : 1);
  for (const { object, where } of manifests.toSorted((a, b) => rank(a) - rank(b))) {
    const name = `${object.kind} ${object.metadata.namespace === undefined ? "" : `${object.metadata.namespace}/`}${object.metadata.name}`;
    const found = await api.resourceOf(object.apiVersion, object.kind);
    if (found === undefined) {
      errors.push(
        `${where}: ${name}: the cluster serves no ${object.apiVersion} ${object.kind}; check the spelling, or install its CustomResourceDefinition`,
      );
      continue;
    }
    const metadata: Json = found.namespaced ? { namespace: "default", ...object.metadata } : object.metadata;
    try {
      await api.apply(found.resource, { ...object, metadata: metadata as KubeObject["metadata"] });
    } catch (error) {
      errors.push(
        `${where}: ${name}: the API server refused it: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return errors;
}
