/**
 * Positions by ints of 32 bits: one array of keys and positions side by side, looked through from where a key belongs. Eight
 * neighbouring ints belong next to each other, in one line of the processor's cache; groups of eight are spread. Nothing stands
 * further than `REACH` places from where it belongs: whatever finds no room there is not taken, so that no choice of keys makes
 * looking slow.
 */

/** Places that one look may pass. */
const REACH = 64;
/** Places at the start. Up to `QUICK` they become four times as many, beyond that twice. */
const FIRST = 32;
const QUICK = 4096;
const SPREAD = 0x9e3779b1;

/** A table that only grows; positions are 0 or more. */
export class IntTable {
  /** A key at 2i and its position + 1 at 2i + 1, or 0 there where nothing stands. */
  #pairs = new Int32Array(2 * FIRST);
  /** One less than the number of places. */
  #mask = FIRST - 1;
  /** Bits of a spread group that do not count. */
  #shift = 32 - Math.log2(FIRST / 8);
  #n = 0;
  /** Keys that became too far away when the table grew, with their positions. */
  readonly strays: [number, number][] = [];

  /** The position of a key, or -1. */
  find(key: number): number {
    const pairs = this.#pairs;
    const mask = this.#mask;
    let i = ((Math.imul(key >> 3, SPREAD) >>> this.#shift) << 3) | (key & 7);
    for (let passed = 0; passed < REACH; passed++) {
      const at = pairs[2 * i + 1] as number;
      if (at === 0) return -1;
      if (pairs[2 * i] === key) return at - 1;
      i = (i + 1) & mask;
    }
    return -1;
  }

  /** Whether there was room for a key that is not here; keys that are pushed out meanwhile become strays. */
  add(key: number, position: number): boolean {
    if (3 * (this.#n + 1) > 2 * (this.#mask + 1)) this.#grow();
    if (!this.#put(key, position + 1)) return false;
    this.#n++;
    return true;
  }

  #put(key: number, position: number): boolean {
    const pairs = this.#pairs;
    let i = ((Math.imul(key >> 3, SPREAD) >>> this.#shift) << 3) | (key & 7);
    for (let passed = 0; passed < REACH; passed++) {
      if (pairs[2 * i + 1] === 0) {
        pairs[2 * i] = key;
        pairs[2 * i + 1] = position;
        return true;
      }
      i = (i + 1) & this.#mask;
    }
    return false;
  }

  #grow(): void {
    const before = this.#pairs;
    const places = (this.#mask + 1) * (this.#mask < QUICK ? 4 : 2);
    this.#pairs = new Int32Array(2 * places);
    this.#mask = places - 1;
    this.#shift = 32 - Math.log2(places / 8);
    for (let i = 0; i < before.length; i += 2) {
      const [key, at] = [before[i] as number, before[i + 1] as number];
      if (at !== 0 && !this.#put(key, at)) this.#stray(key, at);
    }
  }

  #stray(key: number, at: number): void {
    this.#n--;
    this.strays.push([key, at - 1]);
  }

  /** Every key with its position, in no order. */
  *entries(): Generator<[number, number]> {
    const pairs = this.#pairs;
    for (let i = 0; i < pairs.length; i += 2) {
      const at = pairs[i + 1] as number;
      if (at !== 0) yield [pairs[i] as number, at - 1];
    }
  }
}
