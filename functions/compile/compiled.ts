import type { Model } from "../model/lattice.ts";
import type { Report } from "../model/verdict.ts";

/** What one compile answers: what Lattice should hold for the root, and what to tell the user. */
export interface Compiled {
  readonly want:
    | { readonly is: "model"; readonly model: Model }
    /** Nothing should exist: the root's source is gone, or nobody wants it. */
    | { readonly is: "absent" }
    /** Something that it needs is not known yet; whatever exists now stays as it is. */
    | { readonly is: "wait"; readonly why: readonly string[] }
    /** The root has only verdicts. */
    | { readonly is: "nothing" };
  readonly reports: readonly Report[];
}
