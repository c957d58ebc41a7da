import { build } from "esbuild";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
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

/** Bundles every function into a folder of its own. Answers the folder of each. Throws when an entry is missing or does not build. */
export async function bundleAll(root: string, out: string): Promise<Readonly<Record<FunctionName, string>>> {
  const folder = (name: FunctionName): string => join(out, name);
  const names = Object.keys(entries) as FunctionName[];
  await Promise.all(names.map((name) => bundle(root, entries[name], folder(name))));
  return Object.fromEntries(names.map((name) => [name, folder(name)])) as Record<FunctionName, string>;
}

/** The forwarder's program in the folder that its image is built from. */
export const forwarderProgram = (folder: string): string => join(folder, program);

/** Where a cloud assembly has what the forwarder's image is built from. */
export const imageFolder = (assembly: string): string => join(assembly, "forwarder");

/** Makes the folder that the forwarder's image is built from: its program, and the Dockerfile of `infra/cluster`. Throws as `bundleAll`. */
export async function bundleForwarder(root: string, folder: string): Promise<void> {
  await bundle(root, "functions/forward/main.ts", folder);
  copyFileSync(join(root, "infra/cluster/Dockerfile"), join(folder, "Dockerfile"));
}

const program = "index.cjs";

/**
 * Bundles a program into a folder that holds nothing else: one minified CommonJS file with the SDK inside, which starts faster
 * than any other form that was measured (.cjs, whatever package.json is found above it).
 */
async function bundle(root: string, entry: string, folder: string): Promise<void> {
  if (!existsSync(join(root, entry))) throw new Error(`the entry of a bundle is missing: ${entry}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(root, entry)],
    outfile: join(folder, program),
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
