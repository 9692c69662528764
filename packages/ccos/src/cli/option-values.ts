/** Reads the text behind an option by its row of the table. Every refusal is `USAGE` and says what would be right. */
import { parseDuration, formatDuration } from '../foundation/durations.ts';
import { CcosError } from '../foundation/errors.ts';
import { nearestName } from '../foundation/nearest.ts';
import { LIMITS } from '../model/limits.ts';
import type { OptionRow } from './table.ts';

/** The value of an option. `now` is the wall time from which `--since 2h` counts back. Throws `USAGE`. */
export function readOptionValue(row: OptionRow, text: string, now: number): string | number {
  switch (row.type) {
    case 'choice':
      return readChoice(row, text);
    case 'duration':
      return inRange(row, text, readDuration(row, text));
    case 'count':
      return inRange(row, text, /^\d+$/.test(text) ? Number(text) : Number.NaN);
    case 'megabytes':
      return inRange(row, text, /^\d+$/.test(text) ? Number(text) : Number.NaN);
    case 'share':
      return inRange(row, text, /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN);
    case 'time':
      return readTime(row, text, now);
    default: {
      if (text === '') throw refuse(row, text, `a ${(row.argument ?? 'value').toLowerCase()} that is not empty`);
      return text;
    }
  }
}

function readChoice(row: OptionRow, text: string): string {
  const choices = row.choices ?? [];
  if (choices.includes(text)) return text;
  const near = nearestName(text, choices);
  throw refuse(row, text, `one of ${choices.join(', ')}${near === null ? '' : `; did you mean ${near}?`}`);
}

function readDuration(row: OptionRow, text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw refuse(row, text, (error as CcosError).hint ?? '', error);
  }
}

const ISO_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

function readTime(row: OptionRow, text: string, now: number): number {
  if (ISO_TIME.test(text) && !Number.isNaN(Date.parse(text))) return Date.parse(text);
  try {
    return now - parseDuration(text);
  } catch (error) {
    throw refuse(row, text, 'a time with its zone, 2026-11-24T08:00:00Z, a day, or a duration before now, 2h', error);
  }
}

/** Holds a figure to the range of the ceiling that the option raises. */
function inRange(row: OptionRow, text: string, value: number): number {
  const limit = row.limit === undefined ? { min: 0, max: Number.MAX_SAFE_INTEGER, unit: 'count' } : LIMITS[row.limit];
  if (value >= limit.min && value <= limit.max) return value;
  const show = (figure: number): string => (limit.unit === 'ms' ? formatDuration(figure) : String(figure));
  throw refuse(
    row,
    text,
    `${row.type === 'share' ? 'a number' : row.type === 'duration' ? 'a duration' : 'a whole number'} ` +
      `from ${show(limit.min)} to ${show(limit.max)}`,
  );
}

function refuse(row: OptionRow, text: string, expected: string, cause?: unknown): CcosError {
  return new CcosError(
    'USAGE',
    `Cannot read ${JSON.stringify(text)} as the ${row.argument ?? 'value'} of ${row.flag}`,
    {
      hint: `${row.flag} takes ${expected}`,
      details: { option: row.flag, value: text },
      cause,
    },
  );
}
