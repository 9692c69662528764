/** A13: whatever happens to a process or to the power, the archive loses nothing that it promised. */
import { afterAll, describe, expect, it, test } from 'vitest';
import { Drill, randomRounds, WORKLOAD_NAMES } from './archive-drill.ts';
import { seededRandom } from './random.ts';

const drill = new Drill();
afterAll(() => drill.close());
/** A batch makes hundreds of calls: it is drilled at random ones alone. */
const SMALL = WORKLOAD_NAMES.filter((name) => name !== 'batch of 50');
const ROUNDS = 500;

describe.each(SMALL)('A13 the workload %s', (name) => {
  it('loses nothing when its process is killed before or after any call', async () => {
    const calls = await drill.calls(name);
    expect(calls).toBeGreaterThan(5);
    // Before and after are one moment for neighbours, so each half of the calls is enough for one of the two.
    for (let at = 1; at <= calls; at++) await drill.kill(name, at, at % 2 === 0 ? 'kill-after' : 'kill-before');
  }, 180_000);
  it('loses nothing when the power fails at any moment, whatever was not synced', async () => {
    const random = seededRandom(1);
    for (let moment = await drill.moments(name); moment >= 0; moment--) {
      const unsynced = await drill.unsynced(name, moment);
      await drill.loseThePower(name, moment, new Set(unsynced), false);
      for (const one of unsynced) await drill.loseThePower(name, moment, new Set([one]), random() < 0.5);
      const some = unsynced.filter(() => random() < 0.5);
      if (unsynced.length > 2) await drill.loseThePower(name, moment, new Set(some), random() < 0.5);
    }
  }, 180_000);
});

test.each(['store new shard', 'batch of 50', 'gc'] as const)(
  'A4.8 and A4.9 a disk that is full from some call of the workload %s on spoils nothing',
  async (name) => {
    const calls = await drill.calls(name);
    for (let at = 1; at <= calls; at += name === 'batch of 50' ? 61 : 5) {
      const output = await drill.fail(name, at, 'ENOSPC');
      expect(output.find((line) => line.startsWith('error ')) ?? 'error IO').toMatch(/^error (?:IO|ARCHIVE_OPEN)$/);
    }
  },
  180_000,
);

it(`A13 loses nothing in ${ROUNDS} random rounds`, async () => {
  const tally = await randomRounds(drill, ROUNDS, seededRandom(Date.now() % 2 ** 32));
  expect(Object.values(tally).reduce((sum, count) => sum + count, 0)).toBe(ROUNDS);
}, 600_000);
