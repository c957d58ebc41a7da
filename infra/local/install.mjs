// Runs before `npm start`, `npm test` and their like, on whatever Node the user has: plain JavaScript, no dependencies.
// Installs what the lock file names when node_modules is missing or holds something else, and says so.
import { spawnSync } from "node:child_process";
import { lstatSync, readFileSync } from "node:fs";

/** The packages that a lock file names, by the folder that each lies in. */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
  } catch {
    return undefined;
  }
}

/** Whether what npm wrote down of its last install is what the lock file names. Optional packages of other machines are not there. */
function installed() {
  const wanted = packagesOf("package-lock.json") ?? {};
  const there = packagesOf("node_modules/.package-lock.json");
  return (
    there !== undefined &&
    Object.entries(wanted).every(
      ([folder, { version, optional }]) =>
        folder === "" || there[folder]?.version === version || (optional && there[folder] === undefined),
    )
  );
}

const isLink = () => lstatSync("node_modules", { throwIfNoEntry: false })?.isSymbolicLink() === true;

if (!installed()) {
  if (isLink()) {
    process.stderr.write(
      "node_modules is a link to something else than package-lock.json names. npm ci would replace it: run that if it is meant.\n",
    );
    process.exit(1);
  }
  process.stderr.write(
    "Installing dependencies with npm ci (node_modules is missing or does not match the lock file)...\n",
  );
  const started = Date.now();
  const npm = spawnSync("npm", ["ci"], { stdio: ["ignore", 2, 2] });
  if (npm.status !== 0) {
    process.stderr.write("npm ci failed. See its message above; then run the command again.\n");
    process.exit(npm.status ?? 1);
  }
  process.stderr.write(`Installed in ${Math.round((Date.now() - started) / 1000)} s.\n`);
}
