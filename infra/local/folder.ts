import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { readManifests, type Manifest } from "./kubernetes/manifests.ts";
import { UsageError } from "./options.ts";

/** The manifests of a folder (or of one file), as `kubectl apply -f` takes them. Throws UsageError when there is no such folder. */
export function readFolder(folder: string): {
  readonly manifests: readonly Manifest[];
  readonly errors: readonly string[];
} {
  const all = filesOf(folder).map((file) =>
    readManifests(readFileSync(file, "utf8"), relative(process.cwd(), file)),
  );
  return { manifests: all.flatMap((one) => one.manifests), errors: all.flatMap((one) => one.errors) };
}

function filesOf(folder: string): readonly string[] {
  try {
    if (statSync(folder).isFile()) return [folder];
    return readdirSync(folder)
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (error) {
    throw new UsageError(`there is no folder of manifests at ${folder}`, { cause: error });
  }
}
