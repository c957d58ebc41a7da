import type { RootKey } from "../model/ids.ts";
import { claimKey } from "./keys.ts";
import type { Table } from "./table.ts";

/** What can be claimed: the name of a Lattice service in an account and region. */
export type Claimed = "service-name";

/** Takes a name for a root, or answers who holds it. The holder keeps it until it lets go. */
export async function claim(
  table: Table,
  place: { readonly account: string; readonly region: string },
  what: Claimed,
  name: string,
  root: RootKey,
): Promise<"ours" | { readonly heldBy: string }> {
  const key = claimKey(place.account, place.region, what, name);
  for (;;) {
    const holder = (await table.get(key))?.["holder"];
    if (holder === root) return "ours";
    if (typeof holder === "string") return { heldBy: holder };
    if (
      await table.write([
        { do: "put", key, item: { holder: root }, when: [{ attribute: "holder", is: "absent" }] },
      ])
    )
      return "ours";
  }
}

/** Marks a name as held by something that is not ours, so that no root asks for it again. */
export async function claimForeign(
  table: Table,
  place: { readonly account: string; readonly region: string },
  what: Claimed,
  name: string,
  root: RootKey,
  foreign: string,
): Promise<void> {
  const key = claimKey(place.account, place.region, what, name);
  await table.write([
    { do: "put", key, item: { holder: foreign }, when: [{ attribute: "holder", is: "equal", value: root }] },
  ]);
}

/** Lets a name go, if the root holds it. */
export async function letGo(
  table: Table,
  place: { readonly account: string; readonly region: string },
  what: Claimed,
  name: string,
  root: RootKey,
): Promise<void> {
  const key = claimKey(place.account, place.region, what, name);
  await table.write([{ do: "delete", key, when: [{ attribute: "holder", is: "equal", value: root }] }]);
}
