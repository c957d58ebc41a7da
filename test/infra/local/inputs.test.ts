import { join } from "node:path";
import { expect, test } from "vitest";
import { clusterName } from "../../../functions/model/ids.ts";
import { readInputs } from "../../../infra/local/fleet/inputs.ts";
import { UsageError } from "../../../infra/local/options.ts";
import { manifestFolder } from "./booted.ts";

const folder = manifestFolder({
  "empty.yaml": "",
  broken: "{",
  nameless: "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n",
});

test.each([
  ["nowhere", "cannot be read as one: ENOENT"],
  ["broken", "cannot be read as one"],
  ["nameless", "names no cluster"],
])("a kubeconfig that is %s is refused before anything is started", (name, reason) => {
  const option = {
    name: clusterName("east"),
    folder,
    profile: "standard",
    kubeconfig: join(folder, name),
  } as const;
  expect(() => readInputs(option)).toThrow(UsageError);
  expect(() => readInputs(option)).toThrow(reason);
});
