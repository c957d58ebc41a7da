import { stringify } from "yaml";
import { selfSigned } from "../support/certificates.ts";

/** The Secrets that the suite makes when it starts, and the names that their certificates are for. */
const certificates = [
  {
    namespace: "gateway-conformance-infra",
    name: "tls-validity-checks-certificate",
    names: ["*", "*.org", "*.wildcard.org"],
  },
  {
    namespace: "gateway-conformance-infra",
    name: "tls-checks-certificate",
    names: ["abc.example.com", "other.example.com"],
  },
  {
    namespace: "gateway-conformance-infra",
    name: "tls-passthrough-checks-certificate",
    names: ["abc.example.com"],
  },
  {
    namespace: "gateway-conformance-app-backend",
    name: "tls-passthrough-checks-certificate",
    names: ["abc.example.com"],
  },
  { namespace: "gateway-conformance-web-backend", name: "certificate", names: ["*"] },
] as const;

/** Manifests of the Secrets that cannot stand in a file because their certificates end. */
export async function runtimeSecrets(): Promise<string> {
  const made = await Promise.all(
    certificates.map(async ({ namespace, name, names }) => {
      const { Certificate, PrivateKey } = await selfSigned(names, "RSA 2048");
      return stringify({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { namespace, name },
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": Certificate.toString(), "tls.key": PrivateKey.toString() },
      });
    }),
  );
  return made.join("---\n");
}
