import { z } from "zod";
import type { User } from "../kubernetes/rbac.ts";

const prefix = "k8s-aws-v1.";

/**
 * Whose token an EKS token is: it is a presigned GetCallerIdentity, so that STS says who signed it, and the access entries of
 * the cluster say who that is in Kubernetes (EKS user guide, "access entries").
 */
export function eksTokens(
  stsUrl: string,
  groupsOf: ReadonlyMap<string, readonly string[]>,
): (token: string) => Promise<User | undefined> {
  return async (token) => {
    if (!token.startsWith(prefix)) return undefined;
    const url = Buffer.from(token.slice(prefix.length), "base64url").toString();
    // A token may only ever make this server ask its own STS.
    if (!URL.canParse(url) || new URL(url).origin !== new URL(stsUrl).origin) return undefined;
    const answer = await fetch(url, { headers: { accept: "text/xml" } });
    const arn = /<Arn>([^<]+)<\/Arn>/.exec(z.string().parse(await answer.text()))?.[1];
    const role = arn?.replace(":sts:", ":iam:").replace(/:assumed-role\/([^/]+)\/.*$/, ":role/$1");
    const groups = role === undefined ? undefined : groupsOf.get(role);
    return role === undefined || groups === undefined
      ? undefined
      : { name: role, groups: [...groups, "system:authenticated"] };
  };
}
