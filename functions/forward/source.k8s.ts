import { z } from "zod";

import { kinds, readableVersions, type Kind } from "../model/objects.ts";

import type { Api } from "./api.k8s.ts";
import type { Feed } from "./reflector.ts";
import { SourceError, type ClusterSource, type Page, type WatchEvent } from "./source.ts";

const listSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(z.unknown()).nullish(),
});
const eventSchema = z.object({ type: z.string(), object: z.unknown() });
const resourcesSchema = z.object({ resources: z.array(z.object({ name: z.string() })) });

/** Kinds of which only some objects, or only their metadata, are read. */
const narrowed: Partial<Record<Kind, Narrow>> = {
  // Other Secrets are nobody's certificate, and none of ours to see.
  Secret: { fieldSelector: "type=kubernetes.io/tls" },
  // Their schemas are large, and it is their annotations that say which version they are.
  CustomResourceDefinition: { metadataOnly: true },
};

const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/**
 * A cluster's API server over HTTP. Which version of a kind is served is discovered when it is first asked for, and again
 * after it was not there. A kind whose CRD is proven not to exist is an empty collection: its watch waits for the CRD, and ends
 * as an outdated one does (410) when that is installed, so that everything is listed.
 */
export function kubernetesSource(api: Api): ClusterSource {
  const paths = new Map<Kind, string>();

  /** Where a kind is served; the feed of its missing CRD when there is none. Throws when it should be served and is not. */
  async function feedOf(kind: Kind, signal: AbortSignal): Promise<Feed> {
    const known = paths.get(kind);
    if (known !== undefined) return collection(api, known, narrowed[kind]);
    const { group, plural } = kinds[kind];
    for (const version of readableVersions) {
      const base = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
      if (!(await serves(api, base, plural, signal))) continue;
      const path = `${base}/${plural}`;
      paths.set(kind, path);
      return collection(api, path, narrowed[kind]);
    }
    const name = `${plural}.${group}`;
    const definition = collection(api, definitions, {
      fieldSelector: `metadata.name=${name}`,
      metadataOnly: true,
    });
    // A server that starts may serve nothing for a moment: only that there is no definition proves that there are no objects.
    const { items } = await definition.list({ limit: 1 }, signal);
    if (items.length > 0)
      throw new SourceError(`${name} is installed, and not served in ${readableVersions.join(" or ")}`, 503);
    return absent(definition);
  }

  /** Calls on the kind's feed. One that is gone is listed anew, from wherever it is then. */
  async function at<T>(kind: Kind, signal: AbortSignal, call: (feed: Feed) => Promise<T>): Promise<T> {
    const feed = await feedOf(kind, signal);
    try {
      return await call(feed);
    } catch (error) {
      if (!(error instanceof SourceError) || error.status !== 404) throw error;
      paths.delete(kind);
      throw new SourceError(`${kind} is not served there any more: ${error.message}`, 410);
    }
  }

  return {
    list: (kind, options, signal) =>
      at(kind, signal, async (feed) => {
        const page = await feed.list(options, signal);
        return { ...page, items: page.items.map((one) => whole(kind, one)) };
      }),
    watch: (kind, rv, options, onEvent, signal) =>
      at(kind, signal, (feed) =>
        feed.watch(rv, options, (event) => onEvent({ ...event, object: whole(kind, event.object) }), signal),
      ),
  };
}

const partial = z.looseObject({ kind: z.literal("PartialObjectMetadata") });

/** An object by its own kind: of its metadata alone the API server says another. */
function whole(kind: Kind, object: unknown): unknown {
  const { success, data } = partial.safeParse(object);
  return success ? { ...data, kind } : object;
}

/** A kind without a definition: it has no objects, as of the list of definitions that does not hold it. */
function absent(definition: Feed): Feed {
  return {
    async list(options, signal) {
      const { rv } = await definition.list(options, signal);
      return { items: [], rv };
    },
    async watch(rv, options, onEvent, signal) {
      const installed = new AbortController();
      await definition
        .watch(
          rv,
          options,
          (event) => {
            if (event.type === "BOOKMARK" || event.type === "ERROR") onEvent(event);
            else installed.abort();
          },
          AbortSignal.any([signal, installed.signal]),
        )
        .catch((error: unknown) => {
          if (!installed.signal.aborted) throw error;
        });
      if (installed.signal.aborted) throw new SourceError("its definition was installed", 410);
    },
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

/** Which objects of a collection are asked for, and how much of each. */
export interface Narrow {
  readonly fieldSelector?: string | undefined;
  readonly metadataOnly?: boolean | undefined;
}

/** One collection of the API server, such as `/api/v1/services`, or a part of it. */
export function collection(api: Api, path: string, { fieldSelector, metadataOnly }: Narrow = {}): Feed {
  const only = fieldSelector === undefined ? {} : { fieldSelector };
  const query = (parameters: Record<string, string>): string =>
    `${path}?${new URLSearchParams({ ...only, ...parameters }).toString()}`;
  const as = (what: string) =>
    metadataOnly === true ? { accept: `application/json;as=${what};g=meta.k8s.io;v=v1` } : {};
  return {
    async list(options, signal): Promise<Page> {
      const more: Record<string, string> =
        options.continue === undefined ? {} : { continue: options.continue };
      const answer = await api.call("GET", query({ limit: String(options.limit), ...more }), {
        signal,
        ...as("PartialObjectMetadataList"),
      });
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
      const onLine = (line: string): void => onEvent(eventOf(line));
      await api.lines(query(parameters), onLine, { signal, ...as("PartialObjectMetadata") });
    },
  };
}

const eventOf = (line: string): WatchEvent => {
  const { type, object } = eventSchema.parse(JSON.parse(line));
  return { type, object };
};
