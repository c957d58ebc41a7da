import { evaluate, statementsOf, type Request, type Statement } from "./policy.ts";

/** Who makes a call. */
export interface Caller {
  readonly account: string;
  readonly region: string;
  /** The role or user, as policies name it. */
  readonly principal: string;
  /** The short name, under which calls are counted. */
  readonly name: string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** A refusal in the words of IAM. */
export class AccessDenied extends Error {
  override readonly name = "AccessDeniedException";
}

export interface Iam {
  /** Adds a role or user and answers credentials for it. Policies are documents as a template holds them; `all` may do everything. */
  add(principal: {
    readonly arn: string;
    readonly name: string;
    readonly policies: readonly unknown[] | "all";
  }): Credentials;
  /** Who signed a request; throws AccessDenied when nobody known did. */
  identify(headers: Readonly<Record<string, string | readonly string[] | undefined>>, url?: string): Caller;
  /** The caller behind an access key, or undefined. */
  callerOf(accessKeyId: string): Caller | undefined;
  /** Throws AccessDenied unless the caller's policies, or those of the resource, allow the action. */
  authorise(
    caller: Caller,
    action: string,
    resource: string,
    context?: Request["context"],
    resourcePolicy?: readonly Statement[],
  ): void;
}

/**
 * Identities and policies of one account. A caller is known by the access key that its requests are signed with; the
 * signature itself is not computed again, because every key is made here and known to one process.
 */
export function createIam(account: string, token: () => string): Iam {
  const principals = new Map<
    string,
    { readonly caller: Omit<Caller, "region">; readonly statements: readonly Statement[] | "all" }
  >();
  const byArn = new Map<string, readonly Statement[] | "all">();

  const known = (accessKeyId: string, region: string): Caller | undefined => {
    const found = principals.get(accessKeyId);
    return found && { ...found.caller, region };
  };

  return {
    add({ arn, name, policies }) {
      const statements = policies === "all" ? "all" : policies.flatMap(statementsOf);
      const accessKeyId = `ASIA${token()
        .replaceAll(/[^a-zA-Z0-9]/g, "")
        .toUpperCase()
        .slice(0, 16)}`;
      principals.set(accessKeyId, { caller: { account, principal: arn, name }, statements });
      byArn.set(arn, statements);
      return { accessKeyId, secretAccessKey: token(), sessionToken: token() };
    },
    identify(headers, url = "") {
      const signed = String(headers["authorization"] ?? "");
      const presigned = new URL(url, "http://local").searchParams.get("X-Amz-Credential") ?? "";
      const [accessKeyId = "", , region = ""] = (/Credential=([^,]+)/.exec(signed)?.[1] ?? presigned).split(
        "/",
      );
      const caller = known(accessKeyId, region);
      if (caller === undefined)
        throw new AccessDenied("The security token included in the request is invalid.");
      return caller;
    },
    callerOf: (accessKeyId) => known(accessKeyId, ""),
    authorise(caller, action, resource, context = {}, resourcePolicy = []) {
      const statements = byArn.get(caller.principal) ?? [];
      if (statements === "all") return;
      const request = { principal: caller.principal, action, resource, context };
      const own = evaluate(statements, request);
      const theirs = evaluate(resourcePolicy, request);
      if (own === "denied" || theirs === "denied" || (own !== "allowed" && theirs !== "allowed")) {
        throw new AccessDenied(
          `User: ${caller.principal} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
        );
      }
    },
  };
}
