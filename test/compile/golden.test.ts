import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import type { Compiled } from "../../functions/compile/compiled.ts";
import { compile } from "../../functions/compile/compile.ts";
import { asReadKey, clusterName, type RootKey } from "../../functions/model/ids.ts";
import { outputOfRead } from "../../functions/model/reads.ts";
import { ownRoot, parseRoot, rootKey, type Root } from "../../functions/model/roots.ts";
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

/** The answers for every root that the objects name, and for the services and target groups that these ask for. */
async function answersOf(scene: Scene): Promise<Readonly<Record<string, unknown>>> {
  const answers: Record<string, unknown> = {};
  let roots: readonly Root[] = scene.objects.flatMap((one) => ownRoot(clusterName("east"), one) ?? []);
  for (const [kinds, wanted] of layers) {
    const asked = new Set<RootKey>();
    for (const root of roots) {
      const { view, reads } = scene.view(root, wanted);
      answers[rootKey(root)] = readable(await compile(root, view), reads());
      for (const read of reads()) {
        const output = outputOfRead(asReadKey(read));
        if (output !== undefined && kinds.has(parseRoot(output).kind)) asked.add(output);
      }
    }
    roots = [...asked].toSorted().map(parseRoot);
  }
  return answers;
}

/** What is asked for by the roots of each layer, and whether these are only there because somebody wants them. */
const layers: readonly (readonly [ReadonlySet<string>, boolean])[] = [
  [new Set(["service"]), false],
  [new Set(["target-group"]), true],
  [new Set(), true],
];

/** An answer for people: the want as it is, verdicts a line each. */
function readable(
  { want, reports, claims, refuses, troubles, declines }: Compiled,
  reads: readonly string[],
) {
  return {
    want: want.is === "model" ? want.model : want.is === "wait" ? { wait: want.why } : want.is,
    ...(reports.length > 0 ? { says: Object.fromEntries(reports.map((one) => [one.on, saysOf(one)])) } : {}),
    ...(claims === undefined || claims.length === 0
      ? {}
      : { claims: claims.map((one) => `${one.hostname} on ${one.network} for ${one.gateway}`) }),
    ...(refuses === undefined || Object.keys(refuses).length === 0 ? {} : { refuses }),
    ...(troubles === undefined || troubles.length === 0
      ? {}
      : { troubles: troubles.map(({ is, message }) => `${is}: ${message}`) }),
    ...(declines === undefined ? {} : { declines }),
    reads,
  };
}

const saysOf = ({
  generation,
  verdicts,
  listeners,
  addresses,
  endpoints,
  infrastructure,
  annotations,
}: Report) => [
  ...(generation === 1 ? [] : [`of generation ${generation}`]),
  ...verdicts.map(lineOf),
  ...(listeners ?? []).map(
    (one) =>
      `listener ${one.name}: attachedRoutes ${one.attachedRoutes}, kinds ${one.supportedKinds.map(({ kind }) => kind).join(", ") || "none"}`,
  ),
  ...(addresses ?? []).map((one) => `address ${one.value}`),
  ...Object.entries(infrastructure?.labels ?? {}).map(([key, value]) => `bears label ${key}: ${value}`),
  ...Object.entries(infrastructure?.annotations ?? {}).map(
    ([key, value]) => `bears annotation ${key}: ${value}`,
  ),
  ...(Object.values(annotations ?? {}).includes(null) ? ["annotations are taken away"] : []),
  ...(endpoints ?? []).map((one) => `record ${one.hostname} -> ${one.target ?? "(as it is)"}`),
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
