/** Counts of calls, by service, operation and caller. Polls (looking again at what is in progress) are counted apart. */
export interface Calls {
  count(service: string, operation: string, caller: string, poll?: boolean): void;
  /** `{ SERVICE: { OPERATION: { CALLER: count } } }`, with the polls of all services under `polls` in the same form. */
  all(): Readonly<Record<string, unknown>>;
  /** Without polls: `{ "service:Operation": count }` of the callers that are asked for. */
  flat(asked: (caller: string) => boolean): Readonly<Record<string, number>>;
  reset(): void;
}

type Tree = Map<string, Map<string, Map<string, number>>>;

export function createCalls(): Calls {
  let made: Tree = new Map();
  let polls: Tree = new Map();
  const add = (tree: Tree, service: string, operation: string, caller: string): void => {
    const operations = tree.get(service) ?? new Map<string, Map<string, number>>();
    tree.set(service, operations);
    const callers = operations.get(operation) ?? new Map<string, number>();
    operations.set(operation, callers);
    callers.set(caller, (callers.get(caller) ?? 0) + 1);
  };
  const plain = (tree: Tree) =>
    Object.fromEntries(
      [...tree].map(([service, operations]) => [
        service,
        Object.fromEntries(
          [...operations].map(([operation, callers]) => [operation, Object.fromEntries(callers)]),
        ),
      ]),
    );
  return {
    count: (service, operation, caller, poll = false) => add(poll ? polls : made, service, operation, caller),
    all: () => ({ ...plain(made), polls: plain(polls) }),
    flat(asked) {
      const flat: Record<string, number> = {};
      for (const [service, operations] of made) {
        for (const [operation, callers] of operations) {
          for (const [caller, count] of callers) {
            if (!asked(caller)) continue;
            flat[`${service}:${operation}`] = (flat[`${service}:${operation}`] ?? 0) + count;
          }
        }
      }
      return flat;
    },
    reset() {
      made = new Map();
      polls = new Map();
    },
  };
}
