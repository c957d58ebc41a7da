import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "./options.ts";
import type { Environment } from "./place.ts";

/** What the running system leaves in `.espalier/` for whoever wants to look. */
export interface Files {
  /** Writes a kubeconfig and answers its path. */
  kubeconfig(name: string, text: string): string;
  /** Writes the certificate of the data plane's authority and answers its path. */
  dataPlaneCa(pem: string): string;
  /** Writes variables for a shell, under a file name. */
  environment(name: string, variables: Environment): void;
  local(document: unknown): void;
  /** Takes away what is true only while the system runs. */
  remove(): void;
}

/** The process that a folder is in use by. */
const pidFile = "pid";

/** Takes a folder. Throws UsageError when another process that is still there has taken it. */
export function createFiles(folder: string): Files {
  mkdirSync(folder, { recursive: true });
  const other = userOf(join(folder, pidFile));
  if (other !== undefined && other !== process.pid)
    throw new UsageError(
      `process ${other} runs with folder ${folder}: stop it first, or name another folder by the variable ESPALIER_FOLDER`,
    );
  const written = new Set<string>();
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    // Tokens and keys of a local system are worth nothing elsewhere; they are for this user's eyes still.
    writeFileSync(path, text, { mode: 0o600 });
    written.add(path);
    return path;
  };
  write(pidFile, String(process.pid));
  return {
    kubeconfig: (name, text) => write(`kubeconfig-${name}`, text),
    dataPlaneCa: (pem) => write("data-plane-ca.pem", pem),
    environment: (name, variables) =>
      void write(
        name,
        Object.entries(variables)
          .map(([variable, value]) => `export ${variable}='${value}'\n`)
          .join(""),
      ),
    local: (document) => void write("local.json", `${JSON.stringify(document, null, 2)}\n`),
    remove() {
      for (const path of written) rmSync(path, { force: true });
    },
  };
}

/** The process that a file names, if it is there still. */
function userOf(file: string): number | undefined {
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8")) : Number.NaN;
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}
