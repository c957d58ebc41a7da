import { randomUUID } from "node:crypto";
import { hostname } from "node:os";

import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";

import { busRegion, eventBridgePublisher } from "../bus/publish.eventbridge.ts";
import { wishPlace } from "../bus/wish.ts";
import { clusterName, epochMs } from "../model/ids.ts";
import type { Clock, Log, Random } from "../runtime/clock.ts";

import { createApi, type Api } from "./api.k8s.ts";
import { createForwarder } from "./forwarder.ts";
import { holdingLease } from "./lease.k8s.ts";
import { createReflector } from "./reflector.ts";
import { defaultSettings as settings } from "./settings.ts";
import { collection, kubernetesSource } from "./source.k8s.ts";
import { pause, type SetTimer } from "./timers.ts";
import { wishSink } from "./wishes.ts";

const clock: Clock = { now: () => epochMs(Date.now()) };
const random: Random = { token: randomUUID, fraction: Math.random };
const setTimer: SetTimer = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

const line = (level: string) => (message: string, more?: Readonly<Record<string, unknown>>) => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...more })}\n`);
};
const log: Log = { info: line("info"), warn: line("warn"), error: line("error") };

/** An environment variable; exits with a sentence when it is missing, because nothing can be done without it. */
function required(name: string, what: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== "") return value;
  log.error(`${name} is not set: ${what}`);
  process.exit(2);
}

/** The uid of kube-system, which is as old as the cluster. Asked for until there is an answer. */
async function epochOf(api: Api, signal: AbortSignal): Promise<string> {
  const namespace = z.object({ metadata: z.object({ uid: z.string().min(1) }) });
  for (;;) {
    try {
      const answer = await api.call("GET", "/api/v1/namespaces/kube-system", { signal });
      return namespace.parse(answer).metadata.uid;
    } catch (error) {
      signal.throwIfAborted();
      log.warn("the uid of namespace kube-system cannot be read", { reason: String(error) });
      await pause(setTimer, 5000, signal);
    }
  }
}

async function run(signal: AbortSignal): Promise<void> {
  const cluster = clusterName(required("CLUSTER_NAME", "the name under which this cluster is registered"));
  const bus = required("EVENT_BUS_NAME", "the name or ARN of the control plane's event bus");
  const namespace = process.env.POD_NAMESPACE ?? wishPlace.namespace;
  const config = new KubeConfig();
  if (process.env.KUBECONFIG === undefined) config.loadFromCluster();
  else config.loadFromFile(process.env.KUBECONFIG);
  const api = createApi(config);
  const region = busRegion(bus);
  const events = new EventBridgeClient(region === undefined ? {} : { region });
  const publish = eventBridgePublisher((command) => events.send(command), bus);

  const identity = `${hostname()}-${process.pid}-${random.token().slice(0, 8)}`;
  const means = { clock, setTimer, random, log, settings };
  const lease = { api, namespace, name: wishPlace.configMap, identity, clock, setTimer, log };
  await holdingLease(lease, signal, async (held) => {
    const epoch = await epochOf(api, held);
    const source = kubernetesSource(api);
    const forwarder = createForwarder({ ...means, cluster, epoch, source, publish });
    const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
    const wishes = createReflector(
      collection(api, configMaps, { fieldSelector: `metadata.name=${wishPlace.configMap}` }),
      wishSink(cluster, log, (refs) => forwarder.requested(refs)),
      means,
    );
    forwarder.start();
    wishes.start();
    log.info("forwarding", { cluster, epoch, bus });
    if (!held.aborted) await new Promise((resolve) => held.addEventListener("abort", resolve));
    log.info("stopping");
    await Promise.all([forwarder.stop(), wishes.stop()]);
  });
}

/** Runs until it is told to end, and ends the process. */
async function main(): Promise<void> {
  const stopping = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stopping.abort());
  try {
    await run(stopping.signal);
    // A lost lease ends the process too; it is started again and waits for its turn.
    process.exit(stopping.signal.aborted ? 0 : 1);
  } catch (error) {
    if (stopping.signal.aborted) process.exit(0);
    log.error("the forwarder cannot run", { reason: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  }
}

// Its bundle is CommonJS, which has no await here.
void main();
