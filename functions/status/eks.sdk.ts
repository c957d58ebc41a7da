import { Sha256 } from "@aws-crypto/sha256-js";
import { DescribeClusterCommand, type EKSClient } from "@aws-sdk/client-eks";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Access } from "./cluster.k8s.ts";

/** How long a token is used: EKS takes one for fifteen minutes, and its signature says sixty seconds. */
const tokenMs = 50_000;
/** How long a cluster's endpoint and certificate are believed. */
const serverMs = 10 * 60_000;

interface Kept<T> {
  readonly value: Promise<T>;
  readonly until: number;
}

/**
 * Access to an EKS cluster as IAM sees it: the endpoint by DescribeCluster, and a token that is a presigned
 * GetCallerIdentity with the cluster's name signed in (EKS user guide, "authentication"). Both are kept for a while.
 */
export function eksAccess(
  client: EKSClient,
  cluster: {
    readonly name: string;
    readonly region: string;
    readonly stsEndpoint: string | undefined;
    readonly now: () => number;
  },
): Access {
  let server: Kept<{ readonly endpoint: string; readonly ca: string }> | undefined;
  let token: Kept<string> | undefined;
  return {
    server() {
      if (server === undefined || server.until < cluster.now()) {
        server = { value: describe(client, cluster.name), until: cluster.now() + serverMs };
        server.value.catch(() => (server = undefined));
      }
      return server.value;
    },
    token() {
      if (token === undefined || token.until < cluster.now()) {
        token = { value: presign(client, cluster), until: cluster.now() + tokenMs };
        token.value.catch(() => (token = undefined));
      }
      return token.value;
    },
  };
}

async function describe(
  client: EKSClient,
  name: string,
): Promise<{ readonly endpoint: string; readonly ca: string }> {
  const { cluster } = await client.send(new DescribeClusterCommand({ name }));
  const data = cluster?.certificateAuthority?.data;
  if (cluster?.endpoint === undefined || data === undefined)
    throw new Error(`EKS describes no endpoint of cluster ${name}`);
  return { endpoint: cluster.endpoint, ca: Buffer.from(data, "base64").toString() };
}

async function presign(
  client: EKSClient,
  cluster: { readonly name: string; readonly region: string; readonly stsEndpoint: string | undefined },
): Promise<string> {
  const sts = new URL(cluster.stsEndpoint ?? `https://sts.${cluster.region}.amazonaws.com`);
  const signer = new SignatureV4({
    service: "sts",
    region: cluster.region,
    sha256: Sha256,
    credentials: client.config.credentials,
  });
  const request = await signer.presign(
    {
      method: "GET",
      protocol: sts.protocol,
      hostname: sts.hostname,
      ...(sts.port === "" ? {} : { port: Number(sts.port) }),
      path: "/",
      headers: { host: sts.host, "x-k8s-aws-id": cluster.name },
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
    },
    {
      expiresIn: 60,
      unhoistableHeaders: new Set(["x-k8s-aws-id"]),
      signableHeaders: new Set(["host", "x-k8s-aws-id"]),
    },
  );
  const query = Object.entries(request.query ?? {}).map(
    ([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`,
  );
  return `k8s-aws-v1.${Buffer.from(`${sts.origin}/?${query.join("&")}`).toString("base64url")}`;
}
