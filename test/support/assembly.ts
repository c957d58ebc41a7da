import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { synthesise, type SynthOptions } from "../../infra/aws/synth.ts";
import { canonicalJson, hash } from "../../functions/model/canonical.ts";

/**
 * As `synthesise`, but once for all test files that ask for the same: bundling and synthesis take longer than the rest of
 * starting the local stack. Outside of a run of tests nothing is kept.
 */
export async function synthesiseOnce(options: SynthOptions): ReturnType<typeof synthesise> {
  const folder = process.env["ESPALIER_TEST_FOLDER"];
  if (folder === undefined) return synthesise(options);
  const kept = join(folder, hash(canonicalJson({ ...options, out: "" })));
  if (!existsSync(kept)) {
    const own = mkdtempSync(join(folder, "making-"));
    await synthesise({ ...options, out: own });
    // Another test file may have been first: what it made is the same.
    if (existsSync(kept)) rmSync(own, { recursive: true });
    else renameSync(own, kept);
  }
  const file = join(kept, `${options.installation}.template.json`);
  return { template: JSON.parse(readFileSync(file, "utf8")), file };
}
