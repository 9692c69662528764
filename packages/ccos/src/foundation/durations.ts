/** Durations as people write them (`500ms`, `30s`, `1.5h`) and as milliseconds. */
import { CcosError } from './errors.ts';

/** Units from the largest to the smallest, in milliseconds. */
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Milliseconds of a duration such as `30s`; rounded to whole milliseconds. Throws `USAGE` for anything else, a bare number included. */
export function parseDuration(text: string): number {
  const [, count, unit] = DURATION.exec(text) ?? [];
  const size = UNITS.find(([name]) => name === unit)?.[1];
  const ms = size === undefined ? Number.NaN : Math.round(Number(count) * size);
  if (!Number.isSafeInteger(ms)) {
    throw new CcosError('USAGE', `Cannot read ${JSON.stringify(text)} as a duration`, {
      details: { value: text },
      hint: 'a number and a unit without a space: 500ms, 30s, 1.5h, 2d',
    });
  }
  return ms;
}

/** A duration in the largest unit that writes it exactly: 90000 is `90s`, 3600000 is `1h`. `ms` is whole and not negative. */
export function formatDuration(ms: number): string {
  for (const [name, size] of UNITS) if (ms >= size && ms % size === 0) return `${ms / size}${name}`;
  return `${ms}ms`;
}
