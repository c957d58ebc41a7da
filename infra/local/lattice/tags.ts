import { notFound } from "./fault.ts";
import { textOf, type Context, type Handler, type Input } from "./context.ts";
import type { Living, State, TagMap } from "./state.ts";

function resources(state: State): readonly Living[] {
  const services = [...state.services.values()];
  const listeners = services.flatMap((one) => [...one.listeners.values()]);
  const rules = listeners.flatMap((one) => [...one.rules.values()]);
  return [
    ...state.networks.values(),
    ...services,
    ...listeners,
    ...rules,
    ...state.associations.values(),
    ...state.groups.values(),
  ];
}

function tagged(context: Context, input: Input): Living {
  const arn = textOf(input, "resourceArn");
  const one = resources(context.state).find((resource) => resource.arn === arn);
  if (one === undefined) throw notFound(arn, "RESOURCE");
  return one;
}

export const tagHandlers: Readonly<Record<string, Handler>> = {
  ListTagsForResource: (context, input) => ({ tags: tagged(context, input).tags }),
  TagResource(context, input) {
    const one = tagged(context, input);
    one.tags = { ...one.tags, ...(input["tags"] as TagMap) };
    return {};
  },
  UntagResource(context, input) {
    const one = tagged(context, input);
    const gone = new Set(input["tagKeys"] as readonly string[]);
    one.tags = Object.fromEntries(Object.entries(one.tags).filter(([key]) => !gone.has(key)));
    return {};
  },
};
