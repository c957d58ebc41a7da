import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createServer, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { startChild } from "../child.ts";
import { contained } from "../wire/contained.ts";

/** A function as it is deployed: its bundle and its environment. */
export interface FunctionSpec {
  readonly name: string;
  readonly arn: string;
  /** The folder of the bundle. */
  readonly folder: string;
  /** Such as `index.handler`. */
  readonly handler: string;
  readonly timeoutMs: number;
  /** Its variables, credentials and endpoints; nothing else of this machine's environment reaches it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What an invocation came to. */
export type Answer =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly error: { readonly errorType: string; readonly errorMessage: string } };

/** One process of a function: it serves one invocation at a time, for as long as it lives. */
export interface Instance {
  readonly alive: () => boolean;
  invoke(event: unknown): Promise<Answer>;
  kill(): void;
}

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly settle: (answer: Answer) => void;
}

const require = createRequire(import.meta.url);
const shim = new URL("./shim.cjs", import.meta.url).pathname;

/** Starts a process with AWS's runtime client, against a Runtime API of its own. Lines that it prints go to `onLog`. */
export async function startInstance(spec: FunctionSpec, onLog: (line: string) => void): Promise<Instance> {
  let current: Invocation | undefined;
  let waiting: ServerResponse | undefined;
  let alive = true;
  const server = createServer((request, response) => {
    contained(response);
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => runtimeApi(request.url ?? "", Buffer.concat(parts).toString(), response));
  });
  const api = await listening(server);
  const child = startProcess(spec, api, onLog);

  function runtimeApi(url: string, body: string, response: ServerResponse): void {
    const path = url.replace("/2018-06-01/runtime/", "");
    if (path === "invocation/next") {
      waiting = response;
      give();
      return;
    }
    const [, id, how] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    response.writeHead(202).end();
    if (path === "init/error") onLog(`the function could not start: ${body}`);
    if (id === undefined || current?.id !== id) return;
    const { settle } = current;
    current = undefined;
    const payload: unknown = body === "" ? null : JSON.parse(body);
    settle(how === "response" ? { ok: true, payload } : { ok: false, error: errorOf(payload) });
  }

  function give(): void {
    if (waiting === undefined || current === undefined) return;
    const response = waiting;
    waiting = undefined;
    response.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": current.id,
      "lambda-runtime-deadline-ms": String(Date.now() + spec.timeoutMs),
      "lambda-runtime-invoked-function-arn": spec.arn,
      "lambda-runtime-trace-id": `Root=1-${current.id.slice(0, 8)}-${current.id.replaceAll("-", "").slice(8, 32)};Sampled=0`,
    });
    response.end(JSON.stringify(current.event));
  }

  const end = (errorMessage: string): void => {
    alive = false;
    server.close();
    server.closeAllConnections();
    current?.settle({ ok: false, error: { errorType: "Runtime.ExitError", errorMessage } });
    current = undefined;
  };
  child.on("exit", (code, signal) => end(`the process ended (code ${code}, signal ${signal})`));
  child.on("error", ({ message }) => {
    onLog(`the process could not be started: ${message}`);
    end(`the process could not be started: ${message}`);
  });

  return {
    alive: () => alive,
    kill: () => void child.kill("SIGKILL"),
    invoke(event) {
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          settle({
            ok: false,
            error: {
              errorType: "Sandbox.Timedout",
              errorMessage: `Task timed out after ${spec.timeoutMs / 1000} seconds`,
            },
          });
          child.kill("SIGKILL");
        }, spec.timeoutMs);
        const settle = (answer: Answer): void => {
          clearTimeout(timer);
          resolve(answer);
        };
        if (!alive) {
          settle({
            ok: false,
            error: { errorType: "Runtime.ExitError", errorMessage: "the process had ended" },
          });
          return;
        }
        current = { id: randomUUID(), event, settle };
        give();
      });
    },
  };
}

function startProcess(spec: FunctionSpec, api: string, onLog: (line: string) => void): ChildProcess {
  const client = require.resolve("aws-lambda-ric").replace(/[^/]*$/, "index.mjs");
  const child = startChild(process.execPath, ["--require", shim, client, spec.handler], {
    cwd: spec.folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      AWS_LAMBDA_RUNTIME_API: api,
      LAMBDA_TASK_ROOT: spec.folder,
      _HANDLER: spec.handler,
      AWS_LAMBDA_FUNCTION_NAME: spec.name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: "local",
      TZ: ":UTC",
      ...spec.environment,
    },
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on("line", onLog);
  }
  return child;
}

function listening(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address() as AddressInfo;
      resolve(`127.0.0.1:${address.port}`);
    });
  });
}

function errorOf(payload: unknown): { readonly errorType: string; readonly errorMessage: string } {
  const text = (name: string): string =>
    typeof payload === "object" && payload !== null && name in payload
      ? String((payload as Record<string, unknown>)[name])
      : "";
  return { errorType: text("errorType"), errorMessage: text("errorMessage") };
}
