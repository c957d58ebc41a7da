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

/** A role or user of an account. */
export interface Principal {
  readonly arn: string;
  readonly name: string;
  readonly trust?: unknown;
  readonly policies: readonly unknown[] | "all";
}

/** A refusal in the words of IAM. */
export class AccessDenied extends Error {
  override readonly name = "AccessDeniedException";
}

/** The same, because nobody knows who asks. */
export class UnknownCaller extends AccessDenied {}

export interface Iam {
  /**
   * Adds a role or user and answers credentials for it. Policies, and who a role trusts, are documents as a template holds them; with
   * policies `all` it may do everything in its account.
   */
  add(principal: Principal): Credentials;
  /** Credentials of a role for whoever its trust policy names and whose own policies allow it; throws AccessDenied for others. */
  assume(caller: Caller, role: string): Credentials;
  /** Who signed a request; throws AccessDenied when nobody known did. */
  identify(headers: Readonly<Record<string, string | readonly string[] | undefined>>, url?: string): Caller;
  /** The caller behind an access key, or undefined. */
  callerOf(accessKeyId: string): Caller | undefined;
  /**
   * Throws AccessDenied unless the caller's policies, or those of the resource, allow the action; both must, where the resource is of
   * another account (IAM user guide, "Cross-account policy evaluation logic").
   */
  authorise(
    caller: Caller,
    action: string,
    resource: string,
    context?: Request["context"],
    resourcePolicy?: readonly Statement[],
  ): void;
}

/** Condition keys that every request has. */
const contextOf = ({ principal }: Caller): Request["context"] => ({ "aws:PrincipalArn": [principal] });

interface Known {
  readonly caller: Omit<Caller, "region">;
  readonly statements: readonly Statement[] | "all";
  readonly trusts: readonly Statement[];
}

/** The account in an ARN; empty where it names none. */
const accountIn = (arn: string): string => arn.split(":")[4] ?? "";

/**
 * Identities and policies of all accounts. A caller is known by the access key that its requests are signed with; the
 * signature itself is not computed again, because every key is made here and known to one process.
 */
export function createIam(token: () => string): Iam {
  const byKey = new Map<string, Known>();
  const byArn = new Map<string, Known>();

  const callerBehind = (accessKeyId: string, region: string): Caller | undefined => {
    const found = byKey.get(accessKeyId);
    return found && { ...found.caller, region };
  };

  function credentialsFor(known: Known): Credentials {
    const accessKeyId = `ASIA${token()
      .replaceAll(/[^a-zA-Z0-9]/g, "")
      .toUpperCase()
      .slice(0, 16)}`;
    byKey.set(accessKeyId, known);
    return { accessKeyId, secretAccessKey: token(), sessionToken: token() };
  }

  /** Whether policies of the caller's own, and those of a resource, let a request through. */
  function allowed(request: Request, theirs: readonly Statement[]): boolean {
    const own = byArn.get(request.principal)?.statements ?? [];
    const its = own === "all" ? "allowed" : evaluate(own, request);
    const others = evaluate(theirs, request);
    if (its === "denied" || others === "denied") return false;
    const owner = accountIn(request.resource);
    const isAbroad = owner !== "" && owner !== accountIn(request.principal);
    return isAbroad ? its === "allowed" && others === "allowed" : its === "allowed" || others === "allowed";
  }

  const refused = ({ principal, action, resource }: Request): AccessDenied =>
    new AccessDenied(
      `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
    );

  return {
    add({ arn, name, trust, policies }) {
      const known: Known = {
        caller: { account: accountIn(arn), principal: arn, name },
        statements: policies === "all" ? "all" : policies.flatMap(statementsOf),
        trusts: trust === undefined ? [] : statementsOf(trust),
      };
      byArn.set(arn, known);
      return credentialsFor(known);
    },
    assume(caller, role) {
      const request: Request = {
        principal: caller.principal,
        action: "sts:AssumeRole",
        resource: role,
        context: contextOf(caller),
      };
      const found = byArn.get(role);
      // A trust policy has no resource, and is evaluated as that of the role. It must allow within an account too.
      const trusted = found !== undefined && evaluate(found.trusts, request) === "allowed";
      if (!trusted || !allowed(request, found.trusts)) throw refused(request);
      return credentialsFor(found);
    },
    identify(headers, url = "") {
      const signed = String(headers["authorization"] ?? "");
      const presigned = new URL(url, "http://local").searchParams.get("X-Amz-Credential") ?? "";
      const [accessKeyId = "", , region = ""] = (/Credential=([^,]+)/.exec(signed)?.[1] ?? presigned).split(
        "/",
      );
      const caller = callerBehind(accessKeyId, region);
      if (caller === undefined)
        throw new UnknownCaller("The security token included in the request is invalid.");
      return caller;
    },
    callerOf: (accessKeyId) => callerBehind(accessKeyId, ""),
    authorise(caller, action, resource, context = {}, resourcePolicy = []) {
      const request = {
        principal: caller.principal,
        action,
        resource,
        context: { ...contextOf(caller), ...context },
      };
      if (!allowed(request, resourcePolicy)) throw refused(request);
    },
  };
}
