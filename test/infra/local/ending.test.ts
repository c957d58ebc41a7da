import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { eventually, manifestFolder } from "./booted.ts";
import { fine } from "./manifests.ts";

const root = new URL("../../..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "espalier-ending-"));

let npm: ChildProcess | undefined;
afterEach(() => {
  if (npm !== undefined && running(npm).length > 0) process.kill(-pidOf(npm), "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const pidOf = ({ pid }: ChildProcess): number => {
  if (pid === undefined) throw new Error("npm could not be started");
  return pid;
};

/** What still runs of all that was started with an npm: it has the npm's process group. */
const running = (started: ChildProcess): readonly string[] =>
  execFileSync("ps", ["-eo", "pgid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([pgid, state = "Z"]) => Number(pgid) === pidOf(started) && !state.startsWith("Z"))
    .map((fields) => fields.slice(2).join(" "));

/** `npm start` as a terminal starts it, in a process group of its own, once it has told a text. */
async function started(text: string, ...more: readonly string[]): Promise<ChildProcess> {
  const manifests = manifestFolder({ "fine.yaml": fine });
  const options = ["--cluster", `east=${manifests}`, "--requests", "20", ...more];
  const args = ["start", "--silent", "--ignore-scripts", "--", ...options];
  const child = spawn("npm", args, {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ESPALIER_FOLDER: folder },
  });
  npm = child;
  const told = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.on("data", (part: Buffer) => (told[name] += part.toString()));
  toldBy.set(child, told);
  await eventually(`it says "${text}"`, () => `${told.stdout}${told.stderr}`.includes(text), 90_000);
  return child;
}

/** What a started npm told until it ended. */
const toldBy = new WeakMap<ChildProcess, { readonly stdout: string; readonly stderr: string }>();

async function ended(child: ChildProcess): Promise<void> {
  await eventually("nothing of it runs", () => running(child).length === 0, 10_000);
  expect(readdirSync(folder)).toEqual([]);
}

test("with --json alone all runs on after its document, until Ctrl-C, which a terminal sends to every process at once, ends all of it and leaves no file that is true no longer", async () => {
  const child = await started("everything keeps running until Ctrl-C", "--json");
  const document: unknown = JSON.parse(toldBy.get(child)?.stdout ?? "");
  expect(document).toMatchObject({ converged: true, traffic: [{ by: { "shop/web": 20 } }] });
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(["env", "kubeconfig-east", "local.json"]));
  process.kill(-pidOf(child), "SIGINT");
  await ended(child);
  expect(toldBy.get(child)?.stderr).toMatch(/stopping everything$/m);
}, 120_000);

test("npm that is told to end while everything is being started takes all of it with it", async () => {
  const child = await started("control plane from the template");
  child.kill("SIGTERM");
  await ended(child);
  expect(toldBy.get(child)?.stdout).toMatch(
    /stopping everything because (the npm that started it has ended|it was told to end)/,
  );
}, 120_000);
