import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Template } from "../../../infra/aws/synth.ts";
import type { BusEvent } from "../../../infra/local/aws/events.ts";
import type { Witness } from "../../../infra/local/controlplane.ts";
import { listedKinds, type Cluster } from "../../../infra/local/fleet/cluster.ts";
import type { KubeObject, ObjectName, ResourceName } from "../../../infra/local/kubernetes/objects.ts";
import { parseOptions } from "../../../infra/local/options.ts";
import { lookAtAll, runProof } from "../../../infra/local/run.ts";
import { createRunning } from "../../../infra/local/running.ts";
import { startSystem } from "../../../infra/local/system.ts";
import { synthesiseOnce } from "../../support/assembly.ts";

const root = new URL("../../..", import.meta.url).pathname.replace(/\/$/, "");

/** The whole local system in this process, with what a test needs to look and to poke. */
export async function boot(d: {
  readonly args?: readonly string[];
  readonly change?: (template: Template) => Template;
}) {
  const folder = mkdtempSync(join(tmpdir(), "espalier-test-"));
  const running = createRunning();
  const lines: string[] = [];
  const events: BusEvent[] = [];
  const invoked: { readonly name: string; readonly ok: boolean }[] = [];
  const narrator = { tell: (step: string, text: string) => void lines.push(`${step} ${text}`) };
  const witness: Witness = {
    event: (event) => void events.push(event),
    invoked: (name, _messages, answer) => void invoked.push({ name, ok: answer.ok }),
    log: (name, line) => void lines.push(`log ${name} ${line}`),
  };
  const options = parseOptions([...(d.args ?? [])], join(root, "infra/local/example"));
  if (options === "help") throw new Error("a test does not ask for help");
  const startedAt = Date.now();
  const stop = async (): Promise<void> => {
    await running.stop((name, error) => lines.push(`stop ${name}: ${String(error)}`));
    rmSync(folder, { recursive: true, force: true });
  };
  const change = d.change === undefined ? {} : { change: d.change };
  try {
    const means = { root, folder, running, narrator, witness, synthesise: synthesiseOnce };
    const system = await startSystem(options, { ...means, ...change });
    return {
      system,
      folder,
      lines,
      events,
      invoked,
      stop,
      prove: () => runProof(system, options, { tell: () => undefined }, startedAt),
      lattice: () => lookAtAll(system),
      east: clusterOf(system.clusters, "east"),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export type Booted = Awaited<ReturnType<typeof boot>>;

function clusterOf(clusters: readonly Cluster[], name: string): Cluster {
  const found = clusters.find((one) => one.name === name) ?? clusters[0];
  if (found === undefined) throw new Error(`no cluster ${name}`);
  return found;
}

/** Waits until something holds; says what was waited for when it never does. */
export async function eventually(
  what: string,
  holds: () => Promise<boolean> | boolean,
  withinMs = 25_000,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
}

/** Waits until no queue holds anything; looked at twice, because what has left one queue may not be in the next yet. */
async function atRest({ system }: Booted, withinMs?: number): Promise<void> {
  let quiet = 0;
  const twice = async (): Promise<boolean> => {
    quiet = (await system.idle()) ? quiet + 1 : 0;
    return quiet >= 2;
  };
  await eventually("all queues are empty", twice, withinMs);
}

/** What a change costs in calls of Lattice, from the moment before it until everything is at rest again. */
export async function priceOf(
  booted: Booted,
  change: () => Promise<unknown>,
  done: () => Promise<boolean> | boolean,
  withinMs?: number,
): Promise<Readonly<Record<string, number>>> {
  await atRest(booted, withinMs);
  booted.system.calls.reset();
  await change();
  await eventually("the change is through", done, withinMs);
  await atRest(booted, withinMs);
  return latticeCalls(booted);
}

/** A restart of the forwarder of cluster east, as kubectl does it; it is through when its inventory has been put. */
export function forwarderRestart(booted: Booted) {
  const inventories = (): number =>
    booted.events.filter((one) => one.source === "espalier.east" && one["detail-type"] === "Inventory")
      .length;
  let before = 0;
  return {
    change: () => {
      before = inventories();
      const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
      return kube(booted).patch(
        "Deployment",
        { namespace: "espalier-system", name: "espalier-forwarder" },
        { spec: { template: { metadata: { annotations } } } },
      );
    },
    done: () => inventories() > before,
  };
}

/** Requests of an administrator to a cluster's API server, as kubectl makes them. */
export function kube(booted: Booted, cluster: Cluster = booted.east) {
  const config = kubeconfigSchema.parse(parseKubeconfig(cluster.kubeconfigFor("administrator")));
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    type = "application/json",
  ): Promise<Answer> => {
    const { request } = await import("node:https");
    return new Promise((resolve, reject) => {
      const out = request(
        new URL(path, cluster.endpoint),
        { method, ca: cluster.ca, headers: { authorization: `Bearer ${config}`, "content-type": type } },
        (response) => {
          let text = "";
          response.on("data", (part: Buffer) => (text += part.toString()));
          response.on("end", () =>
            resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as KubeObject }),
          );
        },
      );
      out.on("error", reject);
      out.end(body === undefined ? undefined : JSON.stringify(body));
    });
  };
  const path = ({ group, version, plural }: ResourceName, { namespace, name }: ObjectName): string =>
    `${group === "" ? `/api/${version}` : `/apis/${group}/${version}`}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${plural}${name === "" ? "" : `/${name}`}`;
  return {
    call,
    get: (kind: keyof typeof listedKinds, object: ObjectName) => call("GET", path(listedKinds[kind], object)),
    patch: (kind: keyof typeof listedKinds, object: ObjectName, patch: unknown) =>
      call(
        "PATCH",
        path(listedKinds[kind], object),
        patch,
        Array.isArray(patch) ? "application/json-patch+json" : "application/merge-patch+json",
      ),
    create: (kind: keyof typeof listedKinds, namespace: string, object: unknown) =>
      call("POST", path(listedKinds[kind], { namespace, name: "" }), object),
    remove: (kind: keyof typeof listedKinds, object: ObjectName) =>
      call("DELETE", path(listedKinds[kind], object)),
  };
}

interface Answer {
  readonly status: number;
  readonly body: KubeObject;
}

const kubeconfigSchema = z.string().min(1);
const parseKubeconfig = (text: string): string => /token: (\S+)/.exec(text)?.[1] ?? "";

const conditions = z
  .array(
    z.looseObject({
      type: z.string(),
      status: z.string(),
      reason: z.string(),
      message: z.string(),
      observedGeneration: z.number(),
    }),
  )
  .default([]);
const conditioned = z.looseObject({
  status: z.looseObject({ parents: z.array(z.looseObject({ conditions })).default([]), conditions }),
});

/** The conditions of an object that has them on itself. */
export const conditionsOf = (object: KubeObject) =>
  conditioned.safeParse(object).data?.status.conditions ?? [];

/** One condition of a route's first parent, or undefined. */
export function conditionOf(route: KubeObject, type: string) {
  const parsed = conditioned.safeParse(route);
  return parsed.success
    ? parsed.data.status.parents[0]?.conditions.find((one) => one.type === type)
    : undefined;
}

/** Lattice calls of Espalier since the counts were reset, without polls. */
export const latticeCalls = ({ system }: Booted): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(system.calls.flat((caller) => caller.startsWith("espalier-")))
      .filter(([call]) => call.startsWith("lattice:"))
      .map(([call, count]) => [call.slice("lattice:".length), count]),
  );

/** A folder of manifests, for `--cluster`. It is gone with the run of tests, or with this process where there is none. */
export function manifestFolder(files: Readonly<Record<string, string>>): string {
  const { ESPALIER_TEST_FOLDER: parent } = process.env;
  const folder = mkdtempSync(join(parent ?? tmpdir(), "espalier-manifests-"));
  if (parent === undefined) process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
