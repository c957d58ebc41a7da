import { letters } from "../model/canonical.ts";
import { rootKey, type ServiceRoot, type TargetGroupRoot } from "../model/roots.ts";

/** The first characters of a name, without hyphens at either end: the in-cluster controller's rule. */
const truncate = (text: string, length: number): string => text.slice(0, length).replaceAll(/^-+|-+$/g, "");

/** ServiceName of the API model: what every name is held against that Kubernetes allows and Lattice may not. */
const allowed = /^(?!svc-)(?![-])(?!.*[-]$)(?!.*[-]{2})[a-z0-9-]{3,40}$/;

/** The name of a service of class `espalier`: its Gateway's, and letters that depend on the hostname. */
export const gatewayServiceName = (root: ServiceRoot): string => serviceNameWithSuffix(root);

/** The Lattice service name that the in-cluster controller gives a route, or, where Lattice would refuse that, a safe one. */
export function serviceName(root: ServiceRoot): string {
  const name = `${truncate(root.name, 20)}-${truncate(root.namespace, 18)}`;
  const isPlain = root.gateway === undefined && root.standalone === undefined;
  return isPlain && allowed.test(name) ? name : serviceNameWithSuffix(root);
}

/** A name that no other root can ask for: the plain one, cut, with letters hashed from the root's key. */
export function serviceNameWithSuffix(root: ServiceRoot): string {
  return `${safe(`${truncate(root.name, 16)}-${truncate(root.namespace, 14)}`)
    .slice(0, 31)
    .replace(/-$/, "")}-${letters(rootKey(root), 8)}`;
}

/** `k8s-NS-SVC-` and ten letters that depend on the root and on how often it was made anew. */
export const targetGroupName = (root: TargetGroupRoot, incarnation: number): string =>
  `${targetGroupPrefix(root)}${letters(`${rootKey(root)}#${incarnation}`, 10)}`;

/** How the names of all target groups of a backend begin, the in-cluster controller's too: only the letters behind it differ. */
export const targetGroupPrefix = ({ backend: { namespace, name } }: TargetGroupRoot): string =>
  `${safe(`k8s-${truncate(namespace, 55)}-${truncate(name, 55)}`)}-`;

/** `ROUTE-NS-PORT-PROTOCOL`, made safe. */
export function listenerName(root: ServiceRoot, port: number, protocol: string): string {
  const name = safe(
    `${truncate(root.name, 20)}-${truncate(root.namespace, 18)}-${port}-${protocol === "TLS_PASSTHROUGH" ? "tls" : protocol.toLowerCase()}`,
  );
  return name.startsWith("listener-") ? `l-${name}`.slice(0, 63) : name;
}

/** Only what Lattice's names may hold: dots become hyphens, hyphens are single, and a forbidden prefix gets a letter before it. */
function safe(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, "-")
    .replaceAll(/-{2,}/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return plain.startsWith("svc-") ? `s-${plain}` : plain;
}
