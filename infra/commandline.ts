import { parseArgs } from "node:util";
import type { z } from "zod";

/** What a command of this repository takes. */
export interface CommandLine<T> {
  readonly usage: string;
  /** Its options, each with what it is when it is not given: a truth for a switch, else a text or nothing. */
  readonly options?: Readonly<Record<string, string | boolean | undefined>> | undefined;
  /** Whether it takes texts besides options. */
  readonly texts?: boolean | undefined;
  /** Of an object of the options, and of `texts` where it takes any. */
  readonly schema: z.ZodType<T>;
}

/** Where a command is called from. */
export interface Caller {
  readonly args: readonly string[];
  readonly out: { write(text: string): unknown };
  readonly problems: { write(text: string): unknown };
}

/**
 * Does what a command line asks for and answers the exit status: that of `run`, or 2 after saying what cannot be understood;
 * with `--help` it prints the usage alone.
 */
export async function runCommand<T>(
  line: CommandLine<T>,
  { args, out, problems }: Caller,
  run: (asked: T) => Promise<number>,
): Promise<number> {
  const asked = readOptions(args, line);
  if (asked === "help") {
    out.write(line.usage);
    return 0;
  }
  if ("wrong" in asked) {
    problems.write(`${asked.wrong}\n`);
    return 2;
  }
  return run(asked.right);
}

/** Reads a command line. Answers a text for whoever typed it when it cannot be understood. */
export function readOptions<T>(
  args: readonly string[],
  { usage, options = {}, texts = false, schema }: CommandLine<T>,
): "help" | { readonly right: T } | { readonly wrong: string } {
  try {
    const types = Object.fromEntries(
      Object.entries({ ...options, help: false }).map(([name, value]) => [name, typeOf(value)]),
    );
    const { values, positionals } = parseArgs({
      args: joined(args, types),
      options: types,
      allowPositionals: texts,
    });
    const { help, ...asked } = values;
    if (help === true) return "help";
    const parsed = schema.safeParse(texts ? { ...asked, texts: positionals } : asked);
    if (parsed.success) return { right: parsed.data };
    return { wrong: parsed.error.issues.map((one) => one.message).join("; ") };
  } catch (error) {
    return { wrong: `${error instanceof Error ? error.message : String(error)}\n\n${usage}` };
  }
}

/** Arguments in which `--name -5` is `--name=-5`: parseArgs takes a value that begins with one dash for a switch, and a negative number is none. */
export function joined(
  args: readonly string[],
  options: Readonly<Record<string, { readonly type: string }>>,
): string[] {
  const takesValue = (arg: string | undefined): boolean =>
    arg?.startsWith("--") === true && options[arg.slice(2)]?.type === "string";
  return args.flatMap((arg, index) => {
    const next = args[index + 1];
    if (takesValue(args[index - 1]) && /^-\d/.test(arg)) return [];
    return takesValue(arg) && next !== undefined && /^-\d/.test(next) ? [`${arg}=${next}`] : [arg];
  });
}

function typeOf(value: string | boolean | undefined) {
  if (typeof value === "boolean") return { type: "boolean", default: value } as const;
  return { type: "string", ...(value === undefined ? {} : { default: value }) } as const;
}
