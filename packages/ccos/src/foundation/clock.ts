/** The one clock: a power that is passed to whatever tells or measures time, so that tests can hold it still. */

/** Wall time for records, monotonic time for durations (L2.3). */
export interface Clock {
  /** Unix milliseconds; may step back, and nothing is ordered or measured by it. */
  now(): number;
  /** Milliseconds since some fixed moment of this process; never steps back. */
  monotonic(): number;
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** Waits; resolves at once for zero or less. The timer keeps the process alive. */
export function pause(ms: number): Promise<void> {
  return ms <= 0
    ? Promise.resolve()
    : new Promise((resolve) => {
        setTimeout(resolve, ms);
      });
}
