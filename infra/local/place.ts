import { randomUUID } from "node:crypto";
import type { Credentials } from "./aws/iam.ts";

/** The account of the control plane, and the region of everything. */
export const account = "111122223333";
export const region = "eu-central-1";
/** How a service network is named here: one of another account bears that before its name. */
export const networkText = (owner: string, name: string): string =>
  owner === account ? name : `${owner}/${name}`;
export const vpc = "vpc-0e5a11e20e5a11e20";
export const installation = "espalier";

/** How long a target group keeps its targets after its last use here: propagation takes less than half a second. */
export const graceSeconds = 5;

/** The variables by which an AWS SDK or CLI finds servers and credentials. */
export type Environment = Readonly<Record<string, string>>;

export const credentialVariables = (credentials: Credentials): Environment => ({
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_SESSION_TOKEN: credentials.sessionToken,
});

/** Where each service is reached. */
export interface Endpoints {
  readonly lattice: string;
  readonly dynamodb: string;
  readonly sqs: string;
  readonly events: string;
  readonly acm: string;
  readonly eks: string;
  readonly sts: string;
}

/** The endpoint variables that every AWS SDK reads ("Service-specific endpoints", AWS SDKs reference guide). */
export const endpointVariables = (endpoints: Endpoints): Environment => ({
  AWS_ENDPOINT_URL_VPC_LATTICE: endpoints.lattice,
  AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
  AWS_ENDPOINT_URL_SQS: endpoints.sqs,
  AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.events,
  AWS_ENDPOINT_URL_ACM: endpoints.acm,
  AWS_ENDPOINT_URL_EKS: endpoints.eks,
  AWS_ENDPOINT_URL_STS: endpoints.sts,
});

/** A new secret or id. */
export const token = (): string => randomUUID();
