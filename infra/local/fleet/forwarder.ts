import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { endChild, startChild } from "../child.ts";
import { installation, type Environment } from "../place.ts";
import type { Running } from "../running.ts";
import { forgetOldCompiled } from "./compiled.ts";

/** Where Node keeps what it has compiled of it. */
const compiled = new URL("../../../node_modules/.cache/espalier", import.meta.url).pathname;

export interface ForwarderOptions {
  readonly cluster: string;
  /** The program that its image has. */
  readonly program: string;
  /** The file with which it reaches its own cluster, as its own ServiceAccount. */
  readonly kubeconfig: string;
  /** Credentials of its role, and where the bus is. */
  readonly environment: Environment;
  readonly onLog: (line: string) => void;
  readonly running: Running;
}

/** The process of a forwarder, kept running as its Deployment would. */
export interface ForwarderProcess {
  /** Ends the process, as a rollout does; another one is started. */
  restart(): void;
}

/** How long after its end a forwarder is started again. */
const backoffMs = 500;

/** Starts a cluster's forwarder: the program of its image, with nothing of this machine's environment. */
export function startForwarder(options: ForwarderOptions): ForwarderProcess {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function start(): void {
    child = startChild(process.execPath, [options.program], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        CLUSTER_NAME: options.cluster,
        EVENT_BUS_NAME: installation,
        KUBECONFIG: options.kubeconfig,
        POD_NAMESPACE: "espalier-system",
        NODE_COMPILE_CACHE: compiled,
        ...options.environment,
      },
    });
    for (const stream of [child.stdout, child.stderr])
      if (stream !== null) createInterface({ input: stream }).on("line", options.onLog);
    child.on("exit", () => {
      if (!stopped) timer = setTimeout(start, backoffMs);
    });
  }

  forgetOldCompiled(compiled);
  start();
  options.running.add(`forwarder of ${options.cluster}`, () => {
    stopped = true;
    clearTimeout(timer);
    return child === undefined ? undefined : endChild(child);
  });
  return { restart: () => void child?.kill("SIGTERM") };
}
