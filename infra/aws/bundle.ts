import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** The functions that are deployed, and the file of each. */
export const entries = {
  ingest: "functions/ingest/ingest.lambda.ts",
  reconcile: "functions/reconcile/reconcile.lambda.ts",
  status: "functions/status/status.lambda.ts",
  drift: "functions/drift/drift.lambda.ts",
  certificates: "functions/drift/certificates.lambda.ts",
  register: "functions/desired/register.lambda.ts",
} as const;

export type FunctionName = keyof typeof entries;

/**
 * Bundles every function into a folder of its own: one minified CommonJS file with the SDK inside, which starts faster than
 * any other form that was measured (.cjs, whatever package.json is found above it). Answers the folder of each. Throws when an entry is missing or does not build.
 */
export async function bundleAll(root: string, out: string): Promise<Readonly<Record<FunctionName, string>>> {
  const folder = (name: FunctionName): string => join(out, name);
  const names = Object.keys(entries) as FunctionName[];
  await Promise.all(
    names.map(async (name) => {
      const entry = join(root, entries[name]);
      if (!existsSync(entry)) throw new Error(`the entry of function ${name} is missing: ${entries[name]}`);
      rmSync(folder(name), { recursive: true, force: true });
      mkdirSync(folder(name), { recursive: true });
      await build({
        entryPoints: [entry],
        outfile: join(folder(name), "index.cjs"),
        absWorkingDir: root,
        bundle: true,
        platform: "node",
        target: "node24",
        format: "cjs",
        minify: true,
        sourcemap: "external",
        mainFields: ["module", "main"],
        legalComments: "none",
        logLevel: "error",
      });
    }),
  );
  return Object.fromEntries(names.map((name) => [name, folder(name)])) as Record<FunctionName, string>;
}

/** A hash of what a folder holds: the same code has the same asset on every machine. */
export function folderHash(folder: string): string {
  const hash = createHash("sha256");
  for (const file of readdirSync(folder).toSorted())
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(folder, file)));
  return hash.digest("hex");
}
