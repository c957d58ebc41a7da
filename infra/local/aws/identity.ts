import type { Calls } from "./calls.ts";
import { json, serve, type Served } from "./http.ts";
import { AccessDenied, UnknownCaller, type Caller, type Iam } from "./iam.ts";

/** How long credentials of a role are said to be good for: long enough that an SDK asks once. */
const sessionMs = 3_600_000;

/** STS: who a signed or presigned request is from, and credentials of a role. */
export function serveSts(iam: Iam, calls: Calls, now: () => number): Promise<Served> {
  return serve((received) => {
    const asked = new URLSearchParams(
      received.method === "GET" ? received.url.slice(received.url.indexOf("?") + 1) : received.body,
    );
    const action = asked.get("Action") ?? "";
    try {
      const caller = iam.identify(received.headers, received.url);
      calls.count("sts", action, caller.name);
      switch (action) {
        case "GetCallerIdentity":
          return answered(
            action,
            `<Arn>${sessionArn(caller)}</Arn><UserId>${caller.name}</UserId><Account>${caller.account}</Account>`,
          );
        case "AssumeRole": {
          const { accessKeyId, secretAccessKey, sessionToken } = iam.assume(
            caller,
            asked.get("RoleArn") ?? "",
          );
          const until = new Date(now() + sessionMs).toISOString();
          return answered(
            action,
            `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey><SessionToken>${sessionToken}</SessionToken><Expiration>${until}</Expiration></Credentials>`,
          );
        }
        default:
          return refused(400, "InvalidAction", `the local STS has no ${action}`);
      }
    } catch (error) {
      if (!(error instanceof AccessDenied)) throw error;
      return refused(
        403,
        error instanceof UnknownCaller ? "InvalidClientTokenId" : "AccessDenied",
        error.message,
      );
    }
  });
}

const answered = (action: string, result: string) =>
  xml(
    200,
    `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}</${action}Result></${action}Response>`,
  );

const refused = (status: number, code: string, message: string) =>
  xml(
    status,
    `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  );

const xml = (status: number, body: string) => ({ status, headers: { "content-type": "text/xml" }, body });

/** A role is seen as the session that assumed it. */
const sessionArn = (caller: Caller): string =>
  caller.principal.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") +
  (caller.principal.includes(":role/") ? "/local" : "");

/** EKS: where the API server of a cluster is, and its certificate authority. */
export function serveEks(
  iam: Iam,
  calls: Calls,
  clusterOf: (name: string) => { readonly endpoint: string; readonly ca: string } | undefined,
): Promise<Served> {
  return serve((received) => {
    const [, name] = /^\/clusters\/([^/?]+)$/.exec(received.url) ?? [];
    try {
      const caller = iam.identify(received.headers);
      if (received.method !== "GET" || name === undefined)
        return rest(
          404,
          "UnknownOperationException",
          `the local EKS has no ${received.method} ${received.url}`,
        );
      const arn = `arn:aws:eks:${caller.region}:${caller.account}:cluster/${name}`;
      iam.authorise(caller, "eks:DescribeCluster", arn);
      calls.count("eks", "DescribeCluster", caller.name);
      const cluster = clusterOf(name);
      if (cluster === undefined)
        return rest(404, "ResourceNotFoundException", `No cluster found for name: ${name}.`);
      return json(200, {
        cluster: {
          name,
          arn,
          status: "ACTIVE",
          endpoint: cluster.endpoint,
          certificateAuthority: { data: Buffer.from(cluster.ca).toString("base64") },
        },
      });
    } catch (error) {
      if (!(error instanceof AccessDenied)) throw error;
      return rest(403, "AccessDeniedException", error.message);
    }
  });
}

const rest = (status: number, code: string, message: string) =>
  json(status, { message }, { "x-amzn-errortype": code });

/** Calls back at the rate of an expression such as `rate(1 minute)`; answers how to stop. Throws for other expressions. */
export function schedule(expression: string, run: () => void): () => void {
  const [, count, unit] = /^rate\((\d+) (second|minute|hour)s?\)$/.exec(expression) ?? [];
  if (count === undefined || unit === undefined)
    throw new Error(`the local scheduler has no "${expression}"`);
  const ms =
    Number(count) * { second: 1_000, minute: 60_000, hour: 3_600_000 }[unit as "second" | "minute" | "hour"];
  const timer = setInterval(run, ms);
  return () => clearInterval(timer);
}
