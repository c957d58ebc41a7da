/** Names parameters of an implementation's own; there are none here. */
export interface ParametersRef {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** What objects that are made in a cluster for a Gateway bear (gateway-api spec, `spec.infrastructure`). */
export interface Infrastructure {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The condition that says which of it no object bears, and why. */
export const infrastructureCondition = "espalier.dev/Infrastructure";

/** The domain of the labels that are the standard's to give. */
const standardDomain = "gateway.networking.k8s.io";

/** The label by which an object says whose it is (GEP-1762). */
export const gatewayNameLabel = `${standardDomain}/gateway-name`;

/** The annotation that says which of an object's labels and annotations are its Gateway's: what others add stays. */
export const propagatedAnnotation = "espalier.dev/infrastructure";

/** Domains whose keys are given here, and by nobody else. */
export const ownDomains: readonly string[] = [standardDomain, "espalier.dev"];

/**
 * Domains of which a key on a ServiceAccount can give those who run as it rights elsewhere: IAM roles of EKS, identities of GKE and
 * Azure, roles of Vault. Who may make a Gateway need not be allowed to make a ServiceAccount.
 */
export const rightsDomains: readonly string[] = [
  "amazonaws.com",
  "gke.io",
  "azure.workload.identity",
  "hashicorp.com",
];
