import { expect, test } from "vitest";

import { wishPlace, wishText } from "../../functions/bus/wish.ts";
import { wishSink } from "../../functions/forward/wishes.ts";
import { clusterName } from "../../functions/model/ids.ts";
import type { ObjectRef } from "../../functions/model/objects.ts";

const cluster = clusterName("east");
const cart: ObjectRef = { cluster, kind: "Service", namespace: "shop", name: "cart" };
const configMap = (value?: string) => ({
  metadata: {
    name: wishPlace.configMap,
    ...(value === undefined ? {} : { annotations: { [wishPlace.annotation]: value } }),
  },
});

function listening() {
  const heard: (readonly ObjectRef[])[] = [];
  const warned: unknown[] = [];
  const log = {
    info: () => undefined,
    warn: (_: string, more?: object) => void warned.push(more),
    error: () => undefined,
  };
  return { sink: wishSink(cluster, log, (refs) => void heard.push(refs)), heard, warned };
}

test("a wish is heard once, however often its ConfigMap is seen", () => {
  const { sink, heard } = listening();
  sink.replaced([configMap()], "1");
  const asked = configMap(wishText({ id: "w1", refs: [cart] }));
  sink.changed("MODIFIED", asked);
  sink.changed("MODIFIED", asked);
  sink.replaced([asked], "9");
  expect(heard).toEqual([[cart]]);
});

test("a wish from before the start was answered by the first inventory, one that came during a gap was not", () => {
  const { sink, heard } = listening();
  sink.replaced([configMap(wishText({ id: "w1", refs: [cart] }))], "1");
  expect(heard).toEqual([]);
  sink.replaced([configMap(wishText({ id: "w2", refs: [cart] }))], "5");
  expect(heard).toEqual([[cart]]);
});

test.each([
  ["{", "is no JSON"],
  ['{"id":1,"refs":[]}', "id: expected string, received number"],
])("a wish that is broken is said to be so: %s", (value, problem) => {
  const { sink, heard, warned } = listening();
  sink.replaced([], "1");
  sink.changed("ADDED", configMap(value));
  expect(heard).toEqual([]);
  expect(warned).toEqual([{ reason: expect.stringContaining(problem) }]);
});

test("kinds that this forwarder does not know are left out of a wish", () => {
  const { sink, heard } = listening();
  sink.replaced([], "1");
  const refs = [
    { kind: "Pod", namespace: "shop", name: "t" },
    { kind: "Namespace", name: "shop" },
  ];
  sink.changed("ADDED", configMap(JSON.stringify({ id: "w", refs })));
  expect(heard).toEqual([[{ cluster, kind: "Namespace", namespace: "", name: "shop" }]]);
});
