import { build } from "esbuild";
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join, parse } from "node:path";

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

/** The folder of each program that is deployed. */
export type Bundles = Readonly<Record<FunctionName | "forwarder", string>>;

/**
 * Bundles every function and the forwarder, each into a folder of its own, all in one build, because they share most of what is
 * read. Answers the folder of each. Throws when an entry is missing or does not build.
 */
export async function bundleAll(root: string, out: string): Promise<Bundles> {
  const programs = { ...entries, forwarder: "functions/forward/main.ts" };
  const bundles = bundlesIn(out);
  const names = Object.keys(programs) as (keyof Bundles)[];
  await bundle(root, new Map(names.map((name) => [bundles[name], programs[name]])));
  return bundles;
}

/** Where `bundleAll` has put what it made into a folder. */
export function bundlesIn(out: string): Bundles {
  const names = [...Object.keys(entries), "forwarder"];
  return Object.fromEntries(names.map((name) => [name, join(out, name)])) as Bundles;
}

/** The forwarder's program in the folder that its image is built from. */
export const forwarderProgram = (folder: string): string => join(folder, program);

/** Where a cloud assembly has what the forwarder's image is built from. */
export const imageFolder = (assembly: string): string => join(assembly, "forwarder");

/** Makes the folder that the forwarder's image is built from: its program, and the Dockerfile of `infra/cluster`. */
export function layOutImage(root: string, forwarder: string, folder: string): void {
  cpSync(forwarder, folder, { recursive: true });
  copyFileSync(join(root, "infra/cluster/Dockerfile"), join(folder, "Dockerfile"));
}

const program = "index.cjs";

/**
 * Bundles programs, each into a folder that holds nothing else: one minified CommonJS file with the SDK inside, which starts
 * faster than any other form that was measured (.cjs, whatever package.json is found above it).
 */
async function bundle(root: string, entryOf: ReadonlyMap<string, string>): Promise<void> {
  for (const [folder, entry] of entryOf) {
    if (!existsSync(join(root, entry))) throw new Error(`the entry of a bundle is missing: ${entry}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  await build({
    entryPoints: [...entryOf].map(([folder, entry]) => ({
      in: join(root, entry),
      out: join(folder, parse(program).name),
    })),
    outdir: "/",
    outExtension: { ".js": parse(program).ext },
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    minify: true,
    sourcemap: "external",
    mainFields: ["module", "main"],
    legalComments: "none",
    // As require: import() of node:http reads all its exports, one of which loads a whole HTTP client that nobody uses.
    supported: { "dynamic-import": false },
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
