import { expect, test } from "vitest";
import { createStatusTeller } from "../../../../infra/local/tell/witness.ts";

/** A route at a generation, with what is said of one. */
const route = (generation: number, observedGeneration: number, status = "True", message = "") => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: "cart", namespace: "shop", generation },
  status: {
    parents: [
      { conditions: [{ type: "Programmed", status, reason: "Pending", message, observedGeneration }] },
    ],
  },
});

test("a status is told when it was written, not when the object was, and not twice", () => {
  const told: string[] = [];
  const see = createStatusTeller((line) => told.push(line));
  see({ ...route(1, 1), status: {} });
  see(route(1, 1, "False", "one target of two"));
  see(route(1, 1, "False", "two targets of two"));
  see(route(1, 1));
  see(route(2, 1));
  see(route(2, 2));
  expect(told).toEqual([
    "HTTPRoute shop/cart: Programmed=False(Pending)",
    "HTTPRoute shop/cart: Programmed=True",
    "HTTPRoute shop/cart (generation 2): Programmed=True",
  ]);
});
