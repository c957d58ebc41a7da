import type { KubeObject } from "./objects.ts";
import type { Column, Resource } from "./resources.ts";
import { isObject } from "./schema.ts";

/** A list as `kubectl get` prints it (metav1.Table): name, the columns of the resource, age. */
export function tableOf(
  resource: Resource,
  objects: readonly KubeObject[],
  meta: Readonly<Record<string, unknown>>,
  now: number,
): Readonly<Record<string, unknown>> {
  const columns = resource.columns.filter((one) => one.name.toLowerCase() !== "age");
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: meta,
    columnDefinitions: [
      definition("Name", "string", 0, "name"),
      ...columns.map((one) => definition(one.name, one.type, one.priority)),
      definition("Age", "string", 0),
    ],
    rows: objects.map((object) => ({
      cells: [
        object.metadata.name,
        ...columns.map((one) => cell(one, object, now)),
        age(object.metadata.creationTimestamp, now),
      ],
      object: partial(object),
    })),
  };
}

const definition = (name: string, type: string, priority: number, format = "") => ({
  name,
  type: type === "date" ? "string" : type,
  format,
  description: "",
  priority,
});

/** An object reduced to its metadata. */
export const partial = (object: KubeObject): Readonly<Record<string, unknown>> => ({
  kind: "PartialObjectMetadata",
  apiVersion: "meta.k8s.io/v1",
  metadata: object.metadata,
});

function cell(column: Column, object: KubeObject, now: number): unknown {
  const values = select(object, column.path);
  if (values.length === 0) return column.type === "string" ? "" : null;
  if (column.type === "date") return age(String(values[0]), now);
  if (column.type === "integer" || column.type === "number" || column.type === "boolean") return values[0];
  return values.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join(",");
}

const step =
  /^(?:\.([A-Za-z0-9_-]+(?:\\\.[A-Za-z0-9_-]+)*)|\[(\d+)\]|\[\*\]|\[\?\(@\.([A-Za-z0-9_.-]+)\s*==\s*["']([^"']*)["']\)\])/;

/** The values that a simple JSONPath selects: names, indexes, `[*]` and filters by equality. What is not understood selects nothing. */
function select(object: unknown, path: string): readonly unknown[] {
  let values: readonly unknown[] = [object];
  let rest = path.replaceAll(/^\{|\}$/g, "");
  while (rest !== "") {
    const found = step.exec(rest);
    if (found === null) return [];
    const [whole, name, index, key, wanted] = found;
    rest = rest.slice(whole.length);
    values = values.flatMap((value): readonly unknown[] => {
      if (name !== undefined) return isObject(value) ? [value[name.replaceAll("\\.", ".")]] : [];
      if (!Array.isArray(value)) return [];
      if (index !== undefined) return [value[Number(index)] as unknown];
      if (key === undefined) return value as unknown[];
      return value.filter((one) => select(one, `.${key}`)[0] === wanted) as unknown[];
    });
    values = values.filter((value) => value !== undefined && value !== null);
  }
  return values;
}

function age(since: string | undefined, now: number): string {
  if (since === undefined) return "<unknown>";
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
