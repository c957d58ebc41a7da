import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

export function createFiles(folder: string): Files {
  mkdirSync(folder, { recursive: true });
  const written = new Set<string>();
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    // Tokens and keys of a local system are worth nothing elsewhere; they are for this user's eyes still.
    writeFileSync(path, text, { mode: 0o600 });
    written.add(path);
    return path;
  };
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
