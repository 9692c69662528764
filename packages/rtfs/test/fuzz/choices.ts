/**
 * Choices: the one source of chance. A case is a function of a row of small numbers, so that any case can be made again from its
 * row, and a shorter row with smaller numbers is a smaller case: shrinking needs to know nothing of what is made.
 */

/** A row of choices: drawn from a seed and kept, or played back; beyond the end of a row every choice is 0, the simplest. */
export class Choices {
  readonly taken: number[] = [];
  readonly #given: readonly number[] | null;
  #state: number;

  private constructor(given: readonly number[] | null, seed: number) {
    this.#given = given;
    this.#state = seed | 0;
  }

  static from(seed: number): Choices {
    return new Choices(null, seed);
  }

  static of(row: readonly number[]): Choices {
    return new Choices(row, 0);
  }

  /** A number from 0 to `n` - 1. */
  below(n: number): number {
    const drawn = this.#given === null ? this.#draw() : (this.#given[this.taken.length] ?? 0);
    const choice = drawn % n;
    this.taken.push(choice);
    return choice;
  }

  /** One of the items; the first is the simplest. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** True once in `n` times. */
  once(n: number): boolean {
    return this.below(n) === n - 1;
  }

  /** Up to `most` results of `make`. */
  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }

  /** The mixer of splitmix32: any seed, 0 included, gives numbers that look unrelated. */
  #draw(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let t = this.#state ^ (this.#state >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return (t ^ (t >>> 15)) >>> 0;
  }
}

/** The seed of run `i` of a campaign. */
export function seedOf(seed: number, i: number): number {
  return (Math.imul(seed ^ 0x5bd1e995, 0x27d4eb2d) + Math.imul(i, 0x165667b1)) | 0;
}

/** A shorter, smaller row that still fails; `fails` is asked at most `budget` times. */
export function shrink(row: readonly number[], fails: (row: readonly number[]) => boolean, budget = 2000): number[] {
  let best = [...row];
  let asked = 0;
  const better = (candidate: number[]): boolean => {
    if (asked++ >= budget || !fails(candidate)) return false;
    best = candidate;
    return true;
  };
  for (let improved = true; improved && asked < budget;) {
    improved = false;
    for (let size = Math.max(1, best.length >> 1); size >= 1; size >>= 1) {
      for (let at = 0; at < best.length;) {
        if (better([...best.slice(0, at), ...best.slice(at + size)])) improved = true;
        else at += size;
      }
    }
    // One item less: its choice goes, and some choice before it said how many there are.
    for (let at = best.length - 1; at > 0; at--) {
      for (let j = at - 1; j >= 0 && at - j < 12; j--) {
        const fewer = best.flatMap((n, i) => (i === at ? [] : [i === j ? n - 1 : n]));
        if ((best[j] as number) > 0 && better(fewer)) {
          improved = true;
          break;
        }
      }
    }
    for (let at = 0; at < best.length; at++) {
      const n = best[at] as number;
      for (const smaller of [0, n >> 1, n - (n >> 2), n - (n >> 4), n - (n >> 6), n - 1]) {
        if (smaller < 0 || smaller >= n) continue;
        if (better(best.map((one, i) => (i === at ? smaller : one)))) {
          improved = true;
          break;
        }
      }
    }
  }
  return best;
}
