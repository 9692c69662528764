import { describe, expect, it, test } from 'vitest';
import { pathToFileURL } from 'node:url';
import { bundleFolder } from './bundle-path.ts';
import { pause, systemClock } from './clock.ts';
import { formatDuration, parseDuration } from './durations.ts';
import { actionId, contextId, executionId, isId, isUuid7, runId, uuid7 } from './ids.ts';

describe('ids', () => {
  it('sort by the order of their making, also within a millisecond and when the clock steps back', () => {
    const times = [
      5_000_000_000_000,
      5_000_000_000_000,
      4_999_999_999_000,
      ...Array.from({ length: 10_000 }, () => 5_000_000_000_001),
    ];
    const made = times.map((now) => uuid7({ now: () => now, monotonic: () => 0 }));
    expect(made.toSorted()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
    expect(made.every(isUuid7)).toBe(true);
  });
  it('say what they name', () => {
    expect([
      isId('action', actionId()),
      isId('run', runId()),
      isId('exec', executionId()),
      isUuid7(contextId()),
    ]).toEqual([true, true, true, true]);
  });
  test.each(['run-01890a5d-ac96-4000-8000-000000000001', 'action-01890a5d-ac96-7000-8000-000000000001', 'run-', '', 7])(
    '%j is no run',
    (id) => {
      expect(isId('run', id)).toBe(false);
    },
  );
});

describe('durations', () => {
  test.each<[string, number]>([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5h', 5_400_000],
    ['2m', 120_000],
    ['1d', 86_400_000],
    ['0s', 0],
    ['0.5ms', 1],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));
  test.each(['', '5', '5 s', '-1s', '1h30m', 's', '1e3s', '.5s', '99999999999999999d'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
  test.each<[number, string]>([
    [0, '0ms'],
    [1, '1ms'],
    [1_500, '1500ms'],
    [90_000, '90s'],
    [3_600_000, '1h'],
    [86_400_000, '1d'],
  ])('%d ms is %s, and reads back', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
    expect(parseDuration(text)).toBe(ms);
  });
});

describe('clock', () => {
  it('measures what was waited, and nothing for nothing', async () => {
    const start = systemClock.monotonic();
    await pause(20);
    await pause(0);
    expect(systemClock.monotonic() - start).toBeGreaterThanOrEqual(19);
  });
});

describe('bundle folder', () => {
  it('is in the package, seen from the source', () => expect(bundleFolder()).toMatch(/packages\/ccos\/bundle$/));
  it('is not guessed', () => {
    expect(() => bundleFolder(pathToFileURL('/nowhere/at/all.js').href)).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});
