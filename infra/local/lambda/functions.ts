import { startInstance, type Answer, type FunctionSpec, type Instance } from "./instance.ts";

/** The functions of a template, each in as many processes as work at the same time. */
export interface Functions {
  readonly names: readonly string[];
  /** Invokes a function and waits for its answer. Throws RangeError for a function that does not exist. */
  invoke(name: string, event: unknown): Promise<Answer>;
  /** Kills all processes of a function at once, whatever they do. The next invocation starts a new one. */
  kill(name: string): void;
  stop(): void;
}

/** Serves functions. At most `limit` processes of one function run; further invocations wait. */
export function serveFunctions(
  specs: readonly FunctionSpec[],
  limit: number,
  onLog: (name: string, line: string) => void,
): Functions {
  const pools = new Map(
    specs.map((spec) => [spec.name, createPool(spec, limit, (line) => onLog(spec.name, line))]),
  );
  const pool = (name: string): Pool => {
    const found = pools.get(name);
    if (found === undefined)
      throw new RangeError(`there is no function "${name}" (functions: ${[...pools.keys()].join(", ")})`);
    return found;
  };
  return {
    names: [...pools.keys()],
    invoke: (name, event) => pool(name).invoke(event),
    kill: (name) => pool(name).kill(),
    stop() {
      for (const one of pools.values()) one.stop();
    },
  };
}

const ended: Answer = {
  ok: false,
  error: { errorType: "Runtime.ExitError", errorMessage: "the functions have been stopped" },
};

interface Pool {
  invoke(event: unknown): Promise<Answer>;
  kill(): void;
  stop(): void;
}

function createPool(spec: FunctionSpec, limit: number, onLog: (line: string) => void): Pool {
  const all = new Set<Instance>();
  const idle: Instance[] = [];
  const waiting: (() => void)[] = [];
  let starting = 0;
  let stopped = false;

  /** Undefined when all is stopped: then nothing is started any more. */
  async function take(): Promise<Instance | undefined> {
    for (;;) {
      if (stopped) return undefined;
      const ready = idle.pop();
      if (ready?.alive() === true) return ready;
      if (ready !== undefined) {
        all.delete(ready);
        continue;
      }
      for (const one of all) if (!one.alive()) all.delete(one);
      if (all.size + starting < limit) {
        starting += 1;
        try {
          const made = await startInstance(spec, onLog);
          all.add(made);
          if (stopped) made.kill();
          return made;
        } finally {
          starting -= 1;
        }
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  return {
    async invoke(event) {
      const instance = await take();
      if (instance === undefined) return ended;
      const answer = await instance.invoke(event);
      if (instance.alive()) idle.push(instance);
      else all.delete(instance);
      waiting.shift()?.();
      return answer;
    },
    kill() {
      for (const one of all) one.kill();
    },
    stop() {
      stopped = true;
      for (const one of all) one.kill();
      for (const go of waiting.splice(0)) go();
    },
  };
}
