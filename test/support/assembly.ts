import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundleAll, bundlesIn } from "../../infra/aws/bundle.ts";
import { synthesise, type SynthOptions } from "../../infra/aws/synth.ts";
import { canonicalJson, hash } from "../../functions/model/canonical.ts";

/**
 * As `synthesise`, but once for all test files that ask for the same, with bundles that are made once for all: that takes
 * longer than the rest of starting the local stack. Outside of a run of tests nothing is kept.
 */
export async function synthesiseOnce(options: SynthOptions): ReturnType<typeof synthesise> {
  const folder = process.env["ESPALIER_TEST_FOLDER"];
  if (folder === undefined) return synthesise(options);
  const kept = join(folder, hash(canonicalJson({ ...options, out: "" })));
  await once(kept, async (out) => {
    await synthesise({ ...options, out }, bundleOnce);
  });
  const file = join(kept, `${options.installation}.template.json`);
  return { template: JSON.parse(readFileSync(file, "utf8")), file };
}

/** As `bundleAll`, but once for all test files. */
export const bundleOnce: typeof bundleAll = async (root, out) => {
  const folder = process.env["ESPALIER_TEST_FOLDER"];
  if (folder === undefined) return bundleAll(root, out);
  const kept = join(folder, "bundles");
  await once(kept, async (own) => {
    await bundleAll(root, own);
  });
  return bundlesIn(kept);
};

/** Makes a folder unless it is there. Of several test files that ask at the same time one makes it, and the others wait. */
async function once(kept: string, make: (folder: string) => Promise<void>): Promise<void> {
  const turn = `${kept}.making`;
  while (!existsSync(kept)) {
    if (!taken(turn)) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    try {
      if (existsSync(kept)) return;
      const own = mkdtempSync(`${kept}-`);
      await make(own);
      renameSync(own, kept);
    } finally {
      rmSync(turn, { recursive: true });
    }
  }
}

/** Whether this process took the turn. */
function taken(turn: string): boolean {
  try {
    mkdirSync(turn);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}
