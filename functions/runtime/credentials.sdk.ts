import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";

/** Credentials of a role in another account; the SDK asks again before they expire. */
export function assumeRole(sts: STSClient, role: string) {
  return async () => {
    const answer = await sts.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: "espalier" }));
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
      throw new Error(`STS answered no credentials for ${role}`);
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      ...(Expiration === undefined ? {} : { expiration: Expiration }),
    };
  };
}
