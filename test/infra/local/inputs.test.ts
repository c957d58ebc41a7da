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

test("a folder without a manifest is told, but for a real API server, which has objects of its own", () => {
  const empty = manifestFolder({ "notes.txt": "nothing" });
  const option = { name: clusterName("east"), folder: empty, profile: "standard" } as const;
  expect(readInputs(option).errors).toEqual([
    `east: there is no manifest in ${empty} (*.yaml, *.yml or *.json)`,
  ]);
  const real = manifestFolder({ config });
  expect(readInputs({ ...option, kubeconfig: join(real, "config") }).errors).toEqual([]);
});

const config = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  "current-context": "here",
  clusters: [{ name: "here", cluster: { server: "https://127.0.0.1:1" } }],
  contexts: [{ name: "here", context: { cluster: "here", user: "me" } }],
  users: [{ name: "me", user: { token: "t" } }],
});
