import { isObject, type Json } from "./schema.ts";
import { KubeError } from "./status.ts";

/** JSON merge patch (RFC 7396): null removes, objects merge, all else replaces. */
export function mergePatched(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatched(result[key], value);
  }
  return result;
}

/** The keys by which Kubernetes' own types merge lists of objects (`patchMergeKey` in its Go types). */
const mergeKeys = ["name", "port", "containerPort", "type", "uid", "key", "ip"] as const;

/** Strategic merge patch, for the built-in kinds: as a merge patch, but lists of objects merge by their key. */
export function strategicPatched(target: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) return strategicList(Array.isArray(target) ? target : [], patch);
  if (!isObject(patch)) return patch;
  if (patch["$patch"] === "replace") return withoutDirectives(patch);
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$")) continue;
    if (value === null) delete result[key];
    else result[key] = strategicPatched(result[key], value);
  }
  return result;
}

const withoutDirectives = (patch: Json): Json =>
  Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith("$")));

function strategicList(target: readonly unknown[], patch: readonly unknown[]): readonly unknown[] {
  const both = [...target, ...patch];
  const key = mergeKeys.find((name) => both.every((one) => isObject(one) && one[name] !== undefined));
  if (key === undefined || patch.length === 0) return patch;
  const result: unknown[] = [...target];
  for (const one of patch) {
    if (!isObject(one)) continue;
    const at = result.findIndex((had) => isObject(had) && had[key] === one[key]);
    if (one["$patch"] === "delete") {
      if (at >= 0) result.splice(at, 1);
    } else if (at < 0) result.push(one);
    else result[at] = strategicPatched(result[at], one);
  }
  return result;
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** JSON patch (RFC 6902). Throws KubeError 422 for a test that fails or a path that does not exist. */
export function jsonPatched(target: unknown, operations: readonly Operation[]): unknown {
  let result = structuredClone(target);
  for (const { op, path, from, value } of operations) {
    switch (op) {
      case "add":
        result = changed(result, path, (parent, key) => put(parent, key, value, true), value);
        break;
      case "replace":
        read(result, path);
        result = changed(result, path, (parent, key) => put(parent, key, value, false), value);
        break;
      case "remove":
        read(result, path);
        result = changed(result, path, take, undefined);
        break;
      case "move": {
        const moved = read(result, from ?? "");
        result = changed(result, from ?? "", take, undefined);
        result = changed(result, path, (parent, key) => put(parent, key, moved, true), moved);
        break;
      }
      case "copy": {
        const copied = structuredClone(read(result, from ?? ""));
        result = changed(result, path, (parent, key) => put(parent, key, copied, true), copied);
        break;
      }
      case "test":
        if (JSON.stringify(read(result, path)) !== JSON.stringify(value))
          throw unprocessable(`testing value ${path} failed`);
        break;
      default:
        throw unprocessable(`unknown operation "${op}"`);
    }
  }
  return result;
}

const unprocessable = (message: string): KubeError =>
  new KubeError(422, "Invalid", `the server rejected our request due to an error in our request: ${message}`);

const parts = (path: string): readonly string[] =>
  path
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));

function read(target: unknown, path: string): unknown {
  let value: unknown = target;
  for (const part of parts(path)) {
    const next: unknown = Array.isArray(value)
      ? value[Number(part)]
      : isObject(value)
        ? value[part]
        : undefined;
    if (next === undefined) throw unprocessable(`path ${path} does not exist`);
    value = next;
  }
  return value;
}

type Container = unknown[] | Record<string, unknown>;

function changed(
  target: unknown,
  path: string,
  change: (parent: Container, key: string) => void,
  whole: unknown,
): unknown {
  const keys = parts(path);
  const last = keys.at(-1);
  if (last === undefined) return whole;
  const parent = read(target, `/${path.split("/").slice(1, -1).join("/")}`.replace(/^\/$/, ""));
  if (!Array.isArray(parent) && !isObject(parent)) throw unprocessable(`path ${path} does not exist`);
  change(parent as Container, last);
  return target;
}

function put(parent: Container, key: string, value: unknown, insert: boolean): void {
  if (!Array.isArray(parent)) {
    parent[key] = value;
    return;
  }
  const at = key === "-" ? parent.length : Number(key);
  if (!Number.isInteger(at) || at < 0 || at > parent.length)
    throw unprocessable(`index ${key} is out of bounds`);
  parent.splice(at, insert ? 0 : 1, value);
}

function take(parent: Container, key: string): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}
