import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { z } from "zod";
import { runCommand } from "../../infra/commandline.ts";

const root = new URL("../..", import.meta.url).pathname;

async function called(...args: string[]) {
  const told = { out: "", problems: "" };
  const ran: unknown[] = [];
  const status = await runCommand(
    {
      usage: "the usage\n",
      options: { size: "1", loud: false, name: undefined },
      schema: z.object({
        size: z.coerce.number("--size takes a number"),
        loud: z.boolean(),
        name: z.string().optional(),
      }),
    },
    {
      args,
      out: { write: (words) => (told.out += words) },
      problems: { write: (words) => (told.problems += words) },
    },
    async (asked) => {
      ran.push(asked);
      return 7;
    },
  );
  return { status, ran, ...told };
}

test("a command runs as it is asked to, and ends with its own status", async () => {
  expect(await called("--loud", "--size", "3")).toEqual({
    status: 7,
    ran: [{ size: 3, loud: true }],
    out: "",
    problems: "",
  });
});

test("a negative number is the value of the option before it", async () => {
  expect((await called("--size", "-5", "--loud")).ran).toEqual([{ size: -5, loud: true }]);
});

test("--help prints the usage and runs nothing", async () => {
  expect(await called("--help", "--loud")).toEqual({ status: 0, ran: [], out: "the usage\n", problems: "" });
});

test.each([
  [["--nonsense"], "--nonsense"],
  [["text"], "text"],
  [["--size", "much"], "--size takes a number"],
])("%j is refused with exit status 2, and runs nothing", async (args, reason) => {
  expect(await called(...args)).toEqual({
    status: 2,
    ran: [],
    out: "",
    problems: expect.stringContaining(reason),
  });
});

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(`${root}package.json`, "utf8")));
const entries = Object.entries(scripts).flatMap(([name, does]) =>
  /^node \S+\.ts$/.test(does) && name !== "start" ? [[name, does.slice("node ".length)] as const] : [],
);

// Each as a process of its own would take seconds: the one that is quickly loaded stands for all, which differ in what they run.
test.each(entries)("npm run %s reads its command line as the others do", (_name, entry) => {
  expect(readFileSync(`${root}${entry}`, "utf8")).toContain("await runCommand(");
});

test("npm run golden refuses an option that it does not have, and says how it is used", async () => {
  const command = spawn(process.execPath, ["test/compile/main.ts", "--nonsense"], { cwd: root });
  const [problems, [status]] = await Promise.all([text(command.stderr), once(command, "exit")]);
  expect(status).toBe(2);
  expect(problems).toMatch(/--nonsense[^]*^npm run golden/m);
});
