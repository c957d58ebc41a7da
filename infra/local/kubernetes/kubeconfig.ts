import { stringify } from "yaml";

/** A kubeconfig with one context, for kubectl and the official clients. `ca` is PEM. */
export function kubeconfig(d: {
  readonly name: string;
  readonly server: string;
  readonly ca: string;
  readonly token: string;
}): string {
  const data = Buffer.from(d.ca).toString("base64");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: d.name, cluster: { server: d.server, "certificate-authority-data": data } }],
    users: [{ name: d.name, user: { token: d.token } }],
    contexts: [{ name: d.name, context: { cluster: d.name, user: d.name } }],
    "current-context": d.name,
  });
}
