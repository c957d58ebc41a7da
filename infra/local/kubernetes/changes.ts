import type { KubeObject, WatchEvent } from "./objects.ts";
import { apiVersionOf, storageOf, type Resource } from "./resources.ts";
import { expired } from "./status.ts";

/** What happened to the objects of a store: the latest changes, and who follows. */
export interface Changes {
  /** Remembers a change and tells everybody who follows its resource, in any version. */
  add(resource: Resource, version: number, event: WatchEvent): void;
  /** First the changes after `since`, then each as it happens, until the returned function is called. Throws 410 Expired. */
  follow(
    resource: Resource,
    since: string,
    onEvent: (event: WatchEvent) => void,
    onEnd: () => void,
  ): () => void;
  /** Ends what follows resources that are not served any more. */
  endUnless(isServed: (resource: Resource) => boolean): void;
  /** Forgets all changes until this version. */
  forget(version: number): void;
}

interface Follower {
  readonly resource: Resource;
  readonly onEvent: (event: WatchEvent) => void;
  readonly onEnd: () => void;
}

/** Remembers as many changes as `window` says. */
export function createChanges(window: number): Changes {
  const followers = new Set<Follower>();
  let past: { readonly version: number; readonly storage: string; readonly event: WatchEvent }[] = [];
  let oldest = 0;
  return {
    add(resource, version, event) {
      const storage = storageOf(resource);
      past.push({ version, storage, event });
      if (past.length > window) {
        const dropped = past.length - window;
        oldest = past[dropped - 1]?.version ?? oldest;
        past = past.slice(dropped);
      }
      for (const one of followers)
        if (storageOf(one.resource) === storage) one.onEvent(shown(one.resource, event));
    },
    follow(resource, since, onEvent, onEnd) {
      const from = Number(since);
      if (from < oldest) throw expired(since, oldest);
      const storage = storageOf(resource);
      for (const change of past)
        if (change.storage === storage && change.version > from) onEvent(shown(resource, change.event));
      const follower = { resource, onEvent, onEnd };
      followers.add(follower);
      return () => void followers.delete(follower);
    },
    endUnless(isServed) {
      for (const one of followers) {
        if (isServed(one.resource)) continue;
        followers.delete(one);
        one.onEnd();
      }
    },
    forget(version) {
      past = [];
      oldest = version;
    },
  };
}

/** An object in the version of the API that it is asked for in. */
export const inVersion = (resource: Resource, object: KubeObject): KubeObject => ({
  ...object,
  apiVersion: apiVersionOf(resource),
});

/** A copy for one follower, whom no other can change it. */
const shown = (resource: Resource, { type, object, before }: WatchEvent): WatchEvent =>
  structuredClone({
    type,
    object: inVersion(resource, object),
    before: before && inVersion(resource, before),
  });
