import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import type { Compiled } from "../../functions/compile/compiled.ts";
import { compile } from "../../functions/compile/compile.ts";
import { asReadKey, clusterName } from "../../functions/model/ids.ts";
import type { ClusterObject } from "../../functions/model/objects.ts";
import { outputOfRead } from "../../functions/model/reads.ts";
import { parseRoot, rootKey, type Root } from "../../functions/model/roots.ts";
import type { Report, Verdict } from "../../functions/model/verdict.ts";
import { sceneOf, type Scene } from "./scene.ts";

/**
 * Golden pairs: `in.yaml` is what a user could have written, `out.yaml` what compile makes of it. `npm run golden` writes the
 * answers anew; read the difference before it is committed.
 */
const folder = new URL("golden/", import.meta.url).pathname;

test.each(readdirSync(folder).toSorted())("%s", async (name) => {
  const scene = sceneOf(readFileSync(`${folder}${name}/in.yaml`, "utf8"));
  const answers = await answersOf(scene);
  const text = stringify(answers, { lineWidth: 120, aliasDuplicateObjects: false });
  await expect(text).toMatchFileSnapshot(`${folder}${name}/out.yaml`);
  expect(await answersOf(scene), "equal input gives equal output").toEqual(answers);
});

/** The answers for every root that the objects name, and for the target groups that these read. */
async function answersOf(scene: Scene): Promise<Readonly<Record<string, unknown>>> {
  const answers: Record<string, unknown> = {};
  const groups = new Set<string>();
  for (const root of scene.objects.flatMap(rootsOf)) {
    const { view, reads } = scene.view(false);
    answers[rootKey(root)] = readable(await compile(root, view), reads());
    for (const read of reads()) {
      const output = outputOfRead(asReadKey(read));
      if (output !== undefined && parseRoot(output).kind === "target-group") groups.add(output);
    }
  }
  for (const key of [...groups].toSorted()) {
    const { view, reads } = scene.view(true);
    const root = [...groups].find((one) => one === key);
    if (root === undefined) continue;
    answers[key] = readable(await compile(parseRoot(asRoot(root)), view), reads());
  }
  return answers;
}

const asRoot = (key: string) => outputOfRead(asReadKey(`output#${key}`)) ?? fail(key);
const fail = (key: string): never => {
  throw new Error(`${key} is no root`);
};

function rootsOf(object: ClusterObject): readonly Root[] {
  const cluster = clusterName("east");
  const { namespace, name } = object.metadata;
  switch (object.kind) {
    case "GatewayClass":
      return [{ kind: "gateway-class", cluster, name }];
    case "Gateway":
      return [{ kind: "gateway", cluster, namespace, name }];
    case "HTTPRoute":
      return [{ kind: "service", cluster, route: "HTTPRoute", namespace, name }];
    default:
      return [];
  }
}

/** An answer for people: the want as it is, verdicts a line each. */
function readable({ want, reports }: Compiled, reads: readonly string[]) {
  return {
    want: want.is === "model" ? want.model : want.is === "wait" ? { wait: want.why } : want.is,
    ...(reports.length > 0 ? { says: Object.fromEntries(reports.map((one) => [one.on, saysOf(one)])) } : {}),
    reads,
  };
}

const saysOf = ({ verdicts, listeners }: Report) => [
  ...verdicts.map(lineOf),
  ...(listeners ?? []).map(
    (one) =>
      `listener ${one.name}: attachedRoutes ${one.attachedRoutes}, kinds ${one.supportedKinds.map(({ kind }) => kind).join(", ") || "none"}`,
  ),
];

function lineOf({ subject, type, status, reason, message }: Verdict): string {
  const where =
    subject.at === "object"
      ? ""
      : subject.at === "listener"
        ? `listener ${subject.name}: `
        : `parent ${subject.ref.namespace === undefined ? "" : `${subject.ref.namespace}/`}${subject.ref.name}${subject.ref.sectionName === undefined ? "" : ` section ${subject.ref.sectionName}`}${subject.ref.port === undefined ? "" : ` port ${subject.ref.port}`}: `;
  return `${where}${type}=${status} ${reason}${message === "" ? "" : `: ${message}`}`;
}
