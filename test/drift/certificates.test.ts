import { beforeEach, describe, expect, test } from "vitest";
import { getCertificates, type Found, type StoredCertificate } from "../../functions/desired/certificates.ts";
import { register } from "../../functions/desired/clusters.ts";
import { readerKey } from "../../functions/desired/keys.ts";
import type { CertificatesOf } from "../../functions/desired/lanes.ts";
import { lookAtCertificates } from "../../functions/drift/certificates.ts";
import { sendDue } from "../../functions/drift/due.ts";
import { accountId, asRootKey, epochMs, region } from "../../functions/model/ids.ts";
import { times } from "../../functions/model/limits.ts";
import { certificatesRead } from "../../functions/model/reads.ts";
import { east } from "../support/builders.ts";
import { memoryQueues } from "../support/queues.memory.ts";
import { memoryTable } from "../support/table.memory.ts";

const place = { account: accountId("111122223333"), region: region("eu-central-1") };
const reader = asRootKey("service/east/HTTPRoute/shop/checkout/checkout.example.com");
const certificate = (id: string, over: Partial<StoredCertificate> = {}): StoredCertificate => ({
  arn: `arn:aws:acm:${place.region}:${place.account}:certificate/${id}`,
  domains: ["checkout.example.com"],
  since: 1,
  ...over,
});

/** A table with one registered cluster and one root that has read its certificates; ACM answers what a test says. */
function world() {
  const table = memoryTable();
  const queues = memoryQueues();
  const sent: CertificatesOf[] = [];
  const warnings: string[] = [];
  const counted: string[] = [];
  const w = {
    table,
    queues,
    sent,
    warnings,
    counted,
    now: epochMs(1_000_000),
    issued: async (): Promise<Found> => ({ is: "listed", certificates: [] }),
    roles: [] as (string | undefined)[],
    looks: 0,
  };
  const d = {
    table,
    queues,
    looks: { lookAt: async (all: readonly CertificatesOf[]) => void sent.push(...all) },
    acm: ({ role }: { readonly role?: string | undefined }) => {
      w.looks += 1;
      w.roles.push(role);
      return { issued: () => w.issued() };
    },
    clock: { now: () => w.now },
    log: { info: () => {}, warn: (text: string) => void warnings.push(text), error: () => {} },
    metrics: { count: (name: string, value: number) => void (value > 0 && counted.push(name)) },
  };
  return {
    ...w,
    state: w,
    finds: (...certificates: StoredCertificate[]) =>
      void (w.issued = async () => ({ is: "listed", certificates })),
    look: () => lookAtCertificates(place, d),
    sweep: () => sendDue(d),
    known: async () => (await getCertificates(table, place.account, place.region)).all,
    denied: async () => (await getCertificates(table, place.account, place.region)).denied,
    woken: () => queues.sent.splice(0).map((one) => one.ask.root),
    async register(roles: { readonly lattice?: string } = {}) {
      await register(
        { cluster: east, ...place, vpc: "vpc-0123456789abcdef0", eks: "east", profile: "standard", roles },
        { table, queues, now: w.now },
      );
      const key = readerKey(certificatesRead(place.account, place.region), reader);
      await table.write([{ do: "put", key, item: {} }]);
      queues.sent.splice(0);
    },
  };
}

describe("a look at the certificates of an account and region", () => {
  let w = world();
  beforeEach(async () => {
    w = world();
    await w.register();
  });

  test("wakes whoever read them exactly when the list has changed, the first time also by an empty one", async () => {
    expect(await w.known()).toBeUndefined();
    await w.look();
    expect(await w.known()).toEqual([]);
    expect(w.woken()).toEqual([reader]);
    await w.look();
    expect(w.woken()).toEqual([]);
    w.finds(certificate("b"), certificate("a"));
    await w.look();
    expect(w.woken()).toEqual([reader]);
    expect((await w.known())?.map((one) => one.arn)).toEqual([certificate("a").arn, certificate("b").arn]);
    w.finds(certificate("a"), certificate("b"));
    await w.look();
    expect(w.woken()).toEqual([]);
    w.finds(certificate("a"), certificate("b", { since: 2 }));
    await w.look();
    expect(w.woken()).toEqual([reader]);
    w.finds();
    await w.look();
    expect(w.woken()).toEqual([reader]);
    expect(await w.known()).toEqual([]);
  });

  test("whose wake-ups could not be sent owes them until the sweep sends them, though the list does not change again", async () => {
    w.finds(certificate("a"));
    w.queues.broken = true;
    await expect(w.look()).rejects.toThrow("cannot be reached");
    w.queues.broken = false;
    await w.sweep();
    expect(w.woken()).toEqual([reader]);
    await w.sweep();
    expect(w.woken()).toEqual([]);
  });

  test("that is denied leaves what is known, says so, and is tried again no sooner than any other", async () => {
    w.finds(certificate("a"));
    await w.look();
    w.woken();
    w.state.issued = async () => ({ is: "denied", why: "not authorized to perform: acm:ListCertificates" });
    await w.look();
    expect(await w.known()).toEqual([certificate("a")]);
    expect(await w.denied()).toBe("not authorized to perform: acm:ListCertificates");
    expect(w.warnings).toHaveLength(1);
    expect(w.counted).toContain("CertificatesDenied");
    await w.sweep();
    expect(w.sent).toEqual([]);
  });

  test("that is denied is told to whoever reads certificates, once, with the request; and that it is not any more", async () => {
    const why = "not authorized to perform: acm:ListCertificates";
    w.state.issued = async () => ({ is: "denied", why, requestId: "request-1" });
    await w.look();
    expect([await w.known(), await w.denied()]).toEqual([undefined, `${why} (AWS request request-1)`]);
    expect(w.woken()).toEqual([reader]);
    w.state.issued = async () => ({ is: "denied", why, requestId: "request-2" });
    await w.look();
    expect(await w.denied()).toContain("request-1");
    expect(w.woken()).toEqual([]);
    w.finds();
    await w.look();
    expect([await w.known(), await w.denied()]).toEqual([[], undefined]);
    expect(w.woken()).toEqual([reader]);
  });

  test("that another look overtook is taken again, so that an old list never replaces a newer one", async () => {
    const [old, young] = [certificate("old"), certificate("young")];
    w.state.issued = async () => {
      w.finds(young);
      await w.look();
      return { is: "listed", certificates: [old] };
    };
    await w.look();
    expect(await w.known()).toEqual([young]);
    expect(w.state.looks).toBe(3);
  });

  test("takes no certificate of another account or region: Lattice would refuse it", async () => {
    const foreign = certificate("x", { arn: "arn:aws:acm:eu-central-1:444455556666:certificate/x" });
    const far = certificate("y", { arn: `arn:aws:acm:eu-west-1:${place.account}:certificate/y` });
    w.finds(foreign, certificate("a"), far);
    await w.look();
    expect(await w.known()).toEqual([certificate("a")]);
  });
});

describe("when certificates are looked at", () => {
  test("as soon as a cluster is registered, and then every ten minutes", async () => {
    const w = world();
    await w.register();
    await w.sweep();
    expect(w.sent.splice(0)).toEqual([place]);
    await w.look();
    w.state.now = epochMs(w.state.now + times.certificatesEvery - 1);
    await w.sweep();
    expect(w.sent.splice(0)).toEqual([]);
    w.state.now = epochMs(w.state.now + 1);
    await w.sweep();
    expect(w.sent.splice(0)).toEqual([place]);
  });

  test("never where no cluster is registered, whatever ACM says", async () => {
    const w = world();
    await w.look();
    expect(w.state.looks).toBe(0);
    await w.sweep();
    expect(w.sent).toEqual([]);
  });

  test("with the role that the cluster was registered with last", async () => {
    const w = world();
    const role = "arn:aws:iam::111122223333:role/espalier-writer";
    await w.register({ lattice: role });
    await w.look();
    await w.register();
    await w.look();
    expect(w.roles).toEqual([role, undefined]);
  });
});
