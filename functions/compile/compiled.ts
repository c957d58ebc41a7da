import type { RootKey } from "../model/ids.ts";
import type { Model, Trouble, Unusable } from "../model/lattice.ts";
import type { Use } from "../model/limits.ts";
import type { Report } from "../model/verdict.ts";
import type { HostnameOn } from "./view.ts";

/** What one compile answers: what Lattice should hold for the root, and what to tell the user. */
export interface Compiled {
  readonly want:
    | { readonly is: "model"; readonly model: Model }
    /** Nothing should exist: the root's source is gone, or nobody wants it. */
    | { readonly is: "absent" }
    /** Something that it needs is not known yet, or must be mended first; whatever exists now stays as it is. */
    | {
        readonly is: "wait";
        readonly why: readonly string[];
        readonly until: "known" | "mended";
        /** What the in-cluster controller has made of it is to be searched for at once: others wait to know. */
        readonly seeks?: true | undefined;
      }
    /** The root has only verdicts. */
    | { readonly is: "nothing" };
  readonly reports: readonly Report[];
  /** Hostnames that the root must hold before its model is carried out. Others that it holds are let go once it serves them no more. */
  readonly claims?: readonly Claim[] | undefined;
  /** What the root is to use of shared quotas before anything of its model is made. What else it uses is given back once it is gone. */
  readonly uses?: readonly { readonly use: Use; readonly quota: number }[] | undefined;
  /** It waits for room that another root is to take: it is woken when some is given back. */
  readonly waitsForRoom?: true | undefined;
  /** Of a service: the name that it is asked for under, also while it waits: what the in-cluster controller has made is found by it. */
  readonly name?: string | undefined;
  /** Of a service that waits: what serves its routes elsewhere stays, although somebody must act. */
  readonly keepsElsewhere?: true | undefined;
  /** Of a service: the generation of each route that it serves, by `KIND/NAMESPACE/NAME`. */
  readonly serves?: Readonly<Record<string, number>> | undefined;
  /** Of a service with several routes: whose rules are which, by `PORT FROM`. */
  readonly owners?: Readonly<Record<string, string>> | undefined;
  /** Of a service: why it does not serve a route that counts on it, by `KIND/NAMESPACE/NAME`. */
  readonly refuses?: Readonly<Record<string, string>> | undefined;
  /**
   * Of a service: Gateways (`CLUSTER/NAMESPACE/NAME`) that it is not for although nobody else has its hostname there, because other
   * routes ask for it there: another service is to be.
   */
  readonly declines?: readonly string[] | undefined;
  /** Of a service: ids of the target groups that nothing may be forwarded to any more, whatever else waits. */
  readonly forbids?: readonly string[] | undefined;
  /** Of a service: what is to be said of the certificate that it keeps although it cannot be found now, by `KIND/NAMESPACE/NAME`. */
  readonly lost?: Readonly<Record<string, string>> | undefined;
  /** Of a service: backends of its routes, by `KIND/NAMESPACE/NAME`, behind which no endpoint can answer. */
  readonly unready?: Readonly<Record<string, readonly Unusable[]>> | undefined;
  /** Of a target group, what it is in need of, and of a service, what its target groups are. */
  readonly troubles?: readonly Trouble[] | undefined;
}

/** A hostname on a network, and the Gateway (`CLUSTER/NAMESPACE/NAME`) for which it is claimed. */
export interface Claim extends HostnameOn {
  readonly gateway: string;
  /** Who loses the hostname for it, if it holds it still. */
  readonly over?: RootKey | undefined;
}

/** Whatever there is stays as it is until more is known. */
export const waitToKnow = (...why: readonly string[]): Compiled => ({
  want: { is: "wait", why, until: "known" },
  reports: [],
});

/** Whatever there is stays as it is until somebody acts. */
export const waitToBeMended = (...why: readonly string[]): Compiled => ({
  want: { is: "wait", why, until: "mended" },
  reports: [],
});
