/** A stream of numbers that one seed owns: everything that is random in a simulated history comes from it. */
export interface Prng {
  /** From 0 up to but not including 1. */
  fraction(): number;
  /** A whole number from 0 up to but not including `below`. */
  below(below: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** A stream of its own, so that more draws here do not move what happens there. */
  fork(name: string): Prng;
}

/** The stream of a seed (mulberry32, seeded by a hash of the text). */
export function prng(seed: string): Prng {
  let state = textHash(seed);
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    fraction,
    below: (below) => Math.floor(fraction() * below),
    chance: (probability) => fraction() < probability,
    pick(from) {
      const value = from[Math.floor(fraction() * from.length)];
      if (value === undefined) throw new RangeError("nothing to pick from");
      return value;
    },
    fork: (name) => prng(`${seed}/${name}`),
  };
}

function textHash(text: string): number {
  let hash = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619);
  }
  return hash >>> 0;
}
