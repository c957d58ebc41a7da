// Runs before `npm start` and `npm test`, on whatever Node the user has: plain JavaScript, no dependencies.
// Installs what the lock file names when node_modules is missing or older than the lock file, and says so.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";

const lock = "package-lock.json";
// npm's own record of what it installed changes with npm's version, so a copy of our lock file is the stamp.
const stamp = "node_modules/.espalier-installed-lock.json";

const same = existsSync(stamp) && readFileSync(stamp, "utf8") === readFileSync(lock, "utf8");
if (!same) {
  process.stderr.write(
    "Installing dependencies with npm ci (node_modules is missing or does not match the lock file)...\n",
  );
  const started = Date.now();
  const npm = spawnSync("npm", ["ci"], { stdio: ["ignore", 2, 2] });
  if (npm.status !== 0) {
    process.stderr.write("npm ci failed. See its message above; then run the command again.\n");
    process.exit(npm.status ?? 1);
  }
  copyFileSync(lock, stamp);
  process.stderr.write(`Installed in ${Math.round((Date.now() - started) / 1000)} s.\n`);
}
