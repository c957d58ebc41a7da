import { expect } from "vitest";
import { z } from "zod";
import type { Infrastructure } from "../../functions/model/infrastructure.ts";
import type { TestApi } from "../infra/local/kubernetes/api.ts";

/** Where the ServiceAccounts of namespace `shop` are. */
export const accountsPath = "/api/v1/namespaces/shop/serviceaccounts";

/** What a Gateway says in `spec.infrastructure`. */
export const bearing = (
  labels: Infrastructure["labels"],
  annotations: Infrastructure["annotations"] = {},
): Infrastructure => ({ labels, annotations });

/** What says of a ServiceAccount whose it is. */
export const ours = { "gateway.networking.k8s.io/gateway-name": "prod" };

const account = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    resourceVersion: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    ownerReferences: z.array(z.looseObject({ uid: z.string() })).default([]),
  }),
});

/** The ServiceAccounts of namespace `shop`. */
export const accountsIn = async (api: TestApi) =>
  z.looseObject({ items: z.array(account) }).parse((await api.call("GET", accountsPath)).body).items;

/** The one that there is. */
export async function onlyAccount(api: TestApi) {
  const all = await accountsIn(api);
  expect(all.length).toBe(1);
  return account.parse(all[0]);
}

/** What it bears for its users: without the note of what was put there. */
export async function borneIn(api: TestApi): Promise<Infrastructure> {
  const { labels, annotations } = (await onlyAccount(api)).metadata;
  const { "espalier.dev/infrastructure": _note, ...rest } = annotations;
  return { labels, annotations: rest };
}
