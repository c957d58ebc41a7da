import { KubeConfig } from "@kubernetes/client-node";
import { z } from "zod";
import { createApi, type Api } from "../../../functions/forward/api.k8s.ts";
import { createReflector } from "../../../functions/forward/reflector.ts";
import { defaultSettings } from "../../../functions/forward/settings.ts";
import { SourceError } from "../../../functions/forward/source.ts";
import { collection } from "../../../functions/forward/source.k8s.ts";
import { systemClock, systemRandom } from "../../../functions/runtime/lambda.powertools.ts";
import type { Applier } from "../kubernetes/manifests.ts";
import type { KubeObject, ObjectName, ResourceName } from "../kubernetes/objects.ts";
import { mergePatched } from "../kubernetes/patch.ts";
import { UsageError } from "../options.ts";

/** A real API server as an administrator uses it. */
export interface RemoteApi extends Applier {
  readonly config: KubeConfig;
  get(resource: ResourceName, object: ObjectName): Promise<KubeObject | undefined>;
  /** All objects of a kind; none when it is not served. */
  list(resource: ResourceName, kind: string): Promise<readonly KubeObject[]>;
  remove(resource: ResourceName, object: ObjectName): Promise<void>;
  /** Tells of every object there is and of every change, for as long as it runs. Answers how to stop. */
  follow(
    resource: ResourceName,
    kind: string,
    onObject: (type: "there" | "changed" | "gone", object: KubeObject) => void,
  ): () => Promise<void>;
}

const metadata = z.looseObject({ name: z.string(), namespace: z.string().optional() });
const listed = z.looseObject({ metadata });
const listing = z.looseObject({ items: z.array(listed).nullish() });
const resources = z.looseObject({
  resources: z.array(z.looseObject({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

/** A user's kubeconfig. Throws UsageError when the file cannot be read or names no server. */
export function kubeConfigOf(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--kubeconfig: ${file} cannot be read as one: ${why}`, { cause: error });
  }
  if (config.getCurrentCluster() === null)
    throw new UsageError(
      `--kubeconfig: the current context of ${file} names no cluster; set one with kubectl config use-context`,
    );
  return config;
}

/** The API server of a kubeconfig's current context. Throws UsageError when the file cannot be read or names no server. */
export function remoteApi(file: string): RemoteApi {
  const config = kubeConfigOf(file);
  const api = createApi(config);
  return {
    config,
    resourceOf: (apiVersion, kind) => discover(api, apiVersion, kind),
    async apply(resource, object) {
      try {
        await api.call("POST", pathOf(resource, object.metadata.namespace), { body: object });
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
        const path = `${pathOf(resource, object.metadata.namespace)}/${object.metadata.name}`;
        const before = await api.call("GET", path, {});
        await api.call("PUT", path, { body: mergePatched(before, object) });
      }
    },
    async get(resource, { namespace, name }) {
      return unlessMissing(async () => {
        const found = await api.call("GET", `${pathOf(resource, namespace)}/${name}`, {});
        return listed.parse(found) as KubeObject;
      });
    },
    async list(resource, kind) {
      const answer = await unlessMissing(() => api.call("GET", pathOf(resource), {}));
      return (listing.safeParse(answer).data?.items ?? []).map((one) => named(one, resource, kind));
    },
    async remove(resource, { namespace, name }) {
      await unlessMissing(() => api.call("DELETE", `${pathOf(resource, namespace)}/${name}`, {}));
    },
    follow: (resource, kind, onObject) => follow(api, resource, kind, onObject),
  };
}

const pathOf = ({ group, version, plural }: ResourceName, namespace?: string): string =>
  `${group === "" ? `/api/${version}` : `/apis/${group}/${version}`}${namespace === undefined ? "" : `/namespaces/${namespace}`}/${plural}`;

async function discover(
  api: Api,
  apiVersion: string,
  kind: string,
): Promise<{ readonly resource: ResourceName; readonly namespaced: boolean } | undefined> {
  const [group = "", version = ""] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  const path = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const answer = await unlessMissing(() => api.call("GET", path, {}));
  const found = resources
    .safeParse(answer)
    .data?.resources.find((one) => one.kind === kind && !one.name.includes("/"));
  return found && { resource: { group, version, plural: found.name }, namespaced: found.namespaced };
}

/** Items of a list do not say of which kind they are. */
const named = (item: z.infer<typeof listed>, { group, version }: ResourceName, kind: string): KubeObject =>
  ({ ...item, apiVersion: group === "" ? version : `${group}/${version}`, kind }) as KubeObject;

function follow(
  api: Api,
  resource: ResourceName,
  kind: string,
  onObject: (type: "there" | "changed" | "gone", object: KubeObject) => void,
): () => Promise<void> {
  const known = new Map<string, KubeObject>();
  const keyOf = (one: KubeObject): string => `${one.metadata.namespace ?? ""}/${one.metadata.name}`;
  const reflector = createReflector(
    collection(api, pathOf(resource)),
    {
      replaced(items) {
        const now = items.map((one) => named(listed.parse(one), resource, kind));
        const keys = new Set(now.map(keyOf));
        for (const [key, gone] of known) {
          if (keys.has(key)) continue;
          known.delete(key);
          onObject("gone", gone);
        }
        for (const one of now) {
          const before = known.get(keyOf(one));
          if (before?.metadata.resourceVersion === one.metadata.resourceVersion) continue;
          known.set(keyOf(one), one);
          onObject(before === undefined ? "there" : "changed", one);
        }
      },
      changed(type, object) {
        const one = named(listed.parse(object), resource, kind);
        if (type === "DELETED") known.delete(keyOf(one));
        else known.set(keyOf(one), one);
        onObject(type === "DELETED" ? "gone" : "changed", one);
      },
      passed: () => undefined,
      health: () => undefined,
    },
    { clock: systemClock, random: systemRandom, setTimer, settings: defaultSettings },
  );
  reflector.start();
  return () => reflector.stop();
}

const setTimer = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

const statusOf = (error: unknown): number | undefined =>
  error instanceof SourceError ? error.status : undefined;

async function unlessMissing<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}
