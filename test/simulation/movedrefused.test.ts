import { describe, expect, test } from "vitest";
import type { Manifest } from "./cluster.ts";
import { carried, endpoints, manifests } from "./movedcluster.ts";
import { minutes, move, programmed, type Moved } from "./moving.ts";
import { place } from "./place.ts";

/** What a cluster brings with it that is refused, or in conflict: it stays as it is, its pods are followed, and it goes with its route. */

/** A manifest with texts replaced in its body. */
const edited = (
  manifest: Manifest,
  kind: Manifest["kind"],
  ...texts: readonly [string, string][]
): Manifest =>
  manifest.kind === kind
    ? {
        ...manifest,
        body: JSON.parse(
          texts.reduce((json, [from, to]) => json.replaceAll(from, to), JSON.stringify(manifest.body)),
        ),
      }
    : manifest;

/** The pods of a Service in each of its target groups. */
const podsOf = (service: string, { world }: Moved): readonly string[] =>
  [...world.engine.state(place).groups.values()]
    .filter(({ name }) => name.startsWith(`k8s-shop-${service}-`))
    .map(({ targets }) => [...targets.values()].map(({ id }) => id).join(" "));

describe("listeners in conflict", () => {
  const onOnePort = manifests.map((one) => edited(one, "Gateway", ['"port":8443', '"port":443']));
  const there = carried.map((one) => ({
    ...one,
    listeners: one.listeners.map((each) => ({ ...each, port: each.port === 8443 ? 443 : each.port })),
  }));

  test("HTTPS and TLS on one port without hostnames: each route has its own service, and nothing is called", async () => {
    const moved = await move(there, onOnePort);
    expect(moved.calls()).toEqual([]);
    expect(programmed(moved.cluster)).toEqual(["checkout: True", "calls: True", "through: True"]);
    moved.cluster.apply(endpoints("v2", ["10.1.2.77"]));
    await minutes(moved.world, 5);
    expect(podsOf("v2", moved)).toEqual(["10.1.2.77", "10.1.2.77"]);
  });
});
