import { live, type Kind, type Story } from "./history.ts";

/** Both kinds of history of a seed: one under faults, and one that nothing but its own wake-ups may mend. */
export const kinds: readonly Kind[] = ["faults", "unmasked"];

/** One kind for each seed, in turn: half the time for as many worlds. */
export const inTurn = (seed: number): readonly Kind[] => [seed % 2 === 1 ? "faults" : "unmasked"];

/** Lives the histories of some seeds, one after the other; answers those that went wrong, with what replays them. */
export async function liveAll(
  from: number,
  count: number,
  kindsOf: (seed: number) => readonly Kind[],
  onStory: (kind: Kind, story: Story) => void,
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (let seed = from; seed < from + count; seed += 1) {
    for (const kind of kindsOf(seed)) {
      const story = await live(String(seed), kind);
      onStory(kind, story);
      if (story.wrong.length > 0) failures.push(tell(kind, story));
    }
  }
  return failures;
}

/** What was wrong, what led to it, and how to see it again. */
function tell(kind: Kind, story: Story): string {
  return [
    `seed ${story.seed} (${kind}): ${story.wrong.join("\n  ")}`,
    `  edits:\n    ${story.edits.join("\n    ")}`,
    `  again: npm run simulate -- --seeds 1 --from ${story.seed} --kind ${kind}`,
  ].join("\n");
}
