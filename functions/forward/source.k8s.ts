import { z } from "zod";

import { kinds, type Kind } from "../model/objects.ts";

import type { Api } from "./api.k8s.ts";
import type { Feed } from "./reflector.ts";
import { SourceError, type ClusterSource, type Page, type WatchEvent } from "./source.ts";

const listSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.unknown()).nullish(),
});
const eventSchema = z.object({ type: z.string(), object: z.unknown() });
const resourcesSchema = z.object({ resources: z.array(z.object({ name: z.string() })) });

/** Versions that read alike, best first (bus/schemas.ts). */
const versions = ["v1", "v1beta1"] as const;

/**
 * A cluster's API server over HTTP. Which version of a kind is served is discovered when it is first asked for, and again
 * after it was not there: so a CRD that is installed later is found by the next attempt.
 */
export function kubernetesSource(api: Api): ClusterSource {
  const paths = new Map<Kind, string>();

  async function pathOf(kind: Kind, signal: AbortSignal): Promise<string> {
    const known = paths.get(kind);
    if (known !== undefined) return known;
    const { group, plural } = kinds[kind];
    for (const version of versions) {
      const base = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
      if (!(await serves(api, base, plural, signal))) continue;
      const path = `${base}/${plural}`;
      paths.set(kind, path);
      return path;
    }
    const name = group === "" ? plural : `${plural}.${group}`;
    throw new SourceError(`${name} is not served in ${versions.join(" or ")}: is its CRD installed?`, 404);
  }

  /** Calls with the kind's path, which is looked for anew when it is gone. */
  async function at<T>(kind: Kind, signal: AbortSignal, call: (feed: Feed) => Promise<T>): Promise<T> {
    const path = await pathOf(kind, signal);
    try {
      return await call(collection(api, path));
    } catch (error) {
      if (error instanceof SourceError && error.status === 404) paths.delete(kind);
      throw error;
    }
  }

  return {
    list: (kind, options, signal) => at(kind, signal, (feed) => feed.list(options, signal)),
    watch: (kind, rv, options, onEvent, signal) =>
      at(kind, signal, (feed) => feed.watch(rv, options, onEvent, signal)),
  };
}

async function serves(api: Api, base: string, plural: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { resources } = resourcesSchema.parse(await api.call("GET", base, { signal }));
    return resources.some(({ name }) => name === plural);
  } catch (error) {
    if (error instanceof SourceError && error.status === 404) return false;
    throw error;
  }
}

/** One collection of the API server, such as `/api/v1/services`; with a name, only the object of that name. */
export function collection(api: Api, path: string, name?: string): Feed {
  const only = name === undefined ? {} : { fieldSelector: `metadata.name=${name}` };
  const query = (parameters: Record<string, string>): string =>
    `${path}?${new URLSearchParams({ ...only, ...parameters }).toString()}`;
  return {
    async list(options, signal): Promise<Page> {
      const more: Record<string, string> =
        options.continue === undefined ? {} : { continue: options.continue };
      const answer = await api.call("GET", query({ limit: String(options.limit), ...more }), { signal });
      const { metadata, items } = listSchema.parse(answer);
      return { items: items ?? [], rv: metadata.resourceVersion, continue: metadata.continue };
    },
    async watch(rv, options, onEvent, signal): Promise<void> {
      const parameters = {
        watch: "true",
        resourceVersion: rv,
        timeoutSeconds: String(options.timeoutSeconds),
        allowWatchBookmarks: String(options.bookmarks),
      };
      await api.lines(query(parameters), (line) => onEvent(eventOf(line)), signal);
    },
  };
}

const eventOf = (line: string): WatchEvent => {
  const { type, object } = eventSchema.parse(JSON.parse(line));
  return { type, object };
};
