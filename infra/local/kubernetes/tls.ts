import { createAuthority, type Certified } from "../wire/authority.ts";

/** A certificate authority and a server certificate of it, all PEM. */
export interface Tls extends Certified {
  readonly ca: string;
}

/** Makes a certificate authority and a certificate for this machine's loopback names. */
export async function createTls(now: number): Promise<Tls> {
  const authority = await createAuthority("espalier-local", now);
  const server = await authority.issue("kube-apiserver", [
    { type: "ip", value: "127.0.0.1" },
    { type: "dns", value: "localhost" },
  ]);
  return { ca: authority.certificate, ...server };
}
