/**
 * What a worker tells its host without being asked: cpu time, memory, and why it stopped. It lives in shared memory, so
 * that it can still be read when the worker was terminated in the middle. The engine's instance cannot see it.
 */

/** Why a worker ended its guest by itself. */
export type StopCause = 'none' | 'out-of-memory' | 'cpu' | 'over-cap';
const CAUSES: readonly StopCause[] = ['none', 'out-of-memory', 'cpu', 'over-cap'];

const BELL = 0,
  CPU_MS = 1,
  PAGES = 2,
  CAUSE = 3,
  UNREAD = 4,
  WORDS = 5;

/** The shared words of one guest. Both sides hold one over the same buffer. */
export class Meter {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(WORDS * 4)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  get cpuMs(): number {
    return Atomics.load(this.#words, CPU_MS);
  }
  set cpuMs(ms: number) {
    Atomics.store(this.#words, CPU_MS, ms);
  }
  get pages(): number {
    return Atomics.load(this.#words, PAGES);
  }
  set pages(pages: number) {
    Atomics.store(this.#words, PAGES, pages);
  }
  get cause(): StopCause {
    return CAUSES[Atomics.load(this.#words, CAUSE)] ?? 'none';
  }
  set cause(cause: StopCause) {
    Atomics.store(this.#words, CAUSE, CAUSES.indexOf(cause));
  }

  /** The bell's count; `waitForRing` returns at once if it was rung since. */
  get rings(): number {
    return Atomics.load(this.#words, BELL);
  }
  ring(): void {
    Atomics.add(this.#words, BELL, 1);
    Atomics.notify(this.#words, BELL);
  }
  /** Blocks the thread until the bell was rung after `rings` was read. */
  waitForRing(rings: number): void {
    Atomics.wait(this.#words, BELL, rings);
  }

  /** Adds to the characters that the host has not dealt with yet. */
  addUnread(characters: number): void {
    Atomics.add(this.#words, UNREAD, characters);
  }
  /** Takes off what the host has dealt with, and wakes a worker that waits for it. */
  removeUnread(characters: number): void {
    Atomics.sub(this.#words, UNREAD, characters);
    Atomics.notify(this.#words, UNREAD);
  }
  /** Blocks the thread while the host is behind by more than `max` characters (M8.6). */
  waitForReader(max: number): void {
    for (let unread = Atomics.load(this.#words, UNREAD); unread > max; unread = Atomics.load(this.#words, UNREAD)) {
      Atomics.wait(this.#words, UNREAD, unread);
    }
  }
}
