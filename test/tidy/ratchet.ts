import type { Ratchet } from "./rules/lengths.ts";

/** What is too long today. It may become shorter, and nothing may join it. */
export const lengths: Ratchet = {
  "test/bus/parse.test.ts an arrow function": 64,
};

/** Casts of functions/ and infra/ that there are today, by file. */
export const casts: Readonly<Record<string, number>> = {
  "functions/apply/lattice.sdk.ts": 3,
  "functions/desired/asks.ts": 1,
  "functions/desired/certificates.ts": 1,
  "functions/desired/clusters.ts": 2,
  "functions/desired/inventories.ts": 1,
  "functions/desired/ledger.ts": 2,
  "functions/desired/objects.ts": 2,
  "functions/desired/owed.ts": 3,
  "functions/desired/quotas.ts": 1,
  "functions/desired/reports.ts": 3,
  "functions/desired/table.dynamodb.ts": 1,
  "functions/model/ids.ts": 10,
  "functions/model/objects.ts": 1,
  "functions/model/roots.ts": 1,
  "functions/reconcile/view.ts": 3,
  "infra/aws/bundle.ts": 2,
  "infra/local/aws/backends.ts": 3,
  "infra/local/aws/http.ts": 1,
  "infra/local/aws/identity.ts": 1,
  "infra/local/aws/proxy.ts": 1,
  "infra/local/fleet/front.ts": 1,
  "infra/local/fleet/remoteapi.ts": 2,
  "infra/local/kubernetes/admission.ts": 2,
  "infra/local/kubernetes/apply.ts": 2,
  "infra/local/kubernetes/cel.ts": 2,
  "infra/local/kubernetes/manifests.ts": 3,
  "infra/local/kubernetes/meta.ts": 2,
  "infra/local/kubernetes/patch.ts": 1,
  "infra/local/kubernetes/server.ts": 2,
  "infra/local/kubernetes/store.ts": 1,
  "infra/local/kubernetes/table.ts": 3,
  "infra/local/lambda/instance.ts": 2,
  "infra/local/lambda/resolve.ts": 1,
  "infra/local/lattice/context.ts": 1,
  "infra/local/lattice/groups.ts": 3,
  "infra/local/lattice/services.ts": 2,
  "infra/local/lattice/tags.ts": 2,
  "infra/local/lattice/validate.ts": 1,

  "infra/local/run.ts": 1,
};
