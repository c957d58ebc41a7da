import { expect, test } from "vitest";
import { compile } from "../../functions/compile/compile.ts";
import type { ToldFacts } from "./scene.ts";
import { sceneFrom } from "./scene.ts";
import { east } from "../support/builders.ts";

const featuresIn = async (profile: NonNullable<ToldFacts["profile"]>, name: string) => {
  const root = { kind: "gateway-class", cluster: east, name } as const;
  const { reports } = await compile(root, sceneFrom([], { profile }).view(root, true).view);
  return reports.flatMap((one) => one.supportedFeatures ?? []);
};

test.each(["amazon-vpc-lattice", "espalier"])(
  "class %s claims ReferenceGrant only where a missing grant is not allowed",
  async (name) => {
    const [standard, incumbent] = [await featuresIn("standard", name), await featuresIn("incumbent", name)];
    expect(standard).toContain("ReferenceGrant");
    expect(incumbent).toEqual(standard.filter((one) => one !== "ReferenceGrant"));
  },
);
