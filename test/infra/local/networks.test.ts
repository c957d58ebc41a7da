import { expect, test } from "vitest";
import { readManifests } from "../../../infra/local/kubernetes/manifests.ts";
import { networksFor } from "../../../infra/local/networks.sdk.ts";
import { parseOptions } from "../../../infra/local/options.ts";
import { account } from "../../../infra/local/place.ts";

const manifestsOf = (...gateways: readonly string[]) =>
  readManifests(
    gateways
      .map(
        (name) =>
          `apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: ${name}, namespace: shop }\n`,
      )
      .join("---\n"),
    "gateways.yaml",
  );

/** The networks of a run with Gateways shop and pay in cluster east, and pay in west. */
const made = (...args: readonly string[]): readonly string[] => madeIn(account, ...args);

/** Those of an account. */
function madeIn(owner: string, ...args: readonly string[]): readonly string[] {
  const options = parseOptions(args, "example");
  if (options === "help") throw new Error("nobody asked for help");
  return networksFor(options, [manifestsOf("shop", "pay"), manifestsOf("pay")], owner);
}

test("each name of a Gateway has its network, once", () => {
  expect(made()).toEqual(["shop", "pay"]);
});

test("a network that is asked for comes besides, and takes none away", () => {
  expect(made("--network", "later", "--network", "pay")).toEqual(["later", "pay", "shop"]);
});

test("a cluster with an override has that network alone, which is not made where it is an id", () => {
  expect(made("--override", "east=shared")).toEqual(["shared", "pay"]);
  const lattice = ["--endpoint", "lattice=http://127.0.0.1:1"];
  expect(made("--override", "east=sn-0123456789abcdef0", ...lattice)).toEqual(["pay"]);
});

test("an account has the networks of its own clusters, and those that are asked for", () => {
  const other = "444455556666";
  const args = ["--account", `west=${other}`, "--network", "later"];
  expect(madeIn(account, ...args)).toEqual(["later", "shop", "pay"]);
  expect(madeIn(other, ...args)).toEqual(["later", "pay"]);
});
