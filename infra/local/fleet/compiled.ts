import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** A program of a megabyte is one file, and each build of the forwarder another. */
const keptFiles = 8;

/**
 * Deletes all but the newest files below a folder where Node keeps what it has compiled: it never does so itself. What is
 * deleted in vain is compiled again.
 */
export function forgetOldCompiled(folder: string, keep = keptFiles): void {
  for (const path of newestFirst(folder).slice(keep)) rmSync(path, { force: true });
}

/** Other processes use the folder too: what is gone meanwhile is left out. */
function newestFirst(folder: string): readonly string[] {
  return entriesOf(folder)
    .map((entry) => join(folder, entry))
    .flatMap((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found?.isFile() === true ? [{ path, at: found.mtimeMs }] : [];
    })
    .toSorted((a, b) => b.at - a.at)
    .map(({ path }) => path);
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    // Nothing has been compiled yet.
    return [];
  }
}
