/**
 * Points in time as text and as milliseconds since 1970, UTC (R16.5): arithmetic on given times, never the clock
 * (R13.1).
 */
import { invalid, typeError } from '../values/fail.ts';
import { Keyword } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { add, mul } from '../values/numbers.ts';
import { chargedText, count, integer } from './args.ts';
import { define } from './define.ts';
import type { Entry } from './define.ts';
import type { Rt } from './native.ts';

const RFC_3339 =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$/;

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Days from 1970-01-01 to the first of January of a year of the Gregorian calendar. */
function daysToYear(year: number): number {
  const y = year - 1;
  return 365 * (year - 1970) + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) - 477;
}

function daysToDate(year: number, month: number, day: number): number {
  let days = daysToYear(year) + day - 1;
  for (let m = 1; m < month; m++) days += daysInMonth(year, m);
  return days;
}

function parseTimestamp(rt: Rt, v: Value): Value {
  const match = RFC_3339.exec(chargedText(rt, 'parse-timestamp', v));
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [offsetHour, offsetMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return null;
  const offset = (offsetHour * 60 + offsetMinute) * (match[8] === '-' ? -1 : 1);
  const ms = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  return ((daysToDate(year, month, day) * 24 + hour) * 60 + minute - offset) * 60_000 + second * 1000 + ms;
}

const DAY = 86_400_000;
const FIRST = daysToYear(0) * DAY;
const BEYOND = daysToYear(10_000) * DAY;

function two(n: number): string {
  return String(n).padStart(2, '0');
}

function formatTimestamp(v: Value): Value {
  const ms = count('format-timestamp', v);
  if (ms < FIRST || ms >= BEYOND) invalid('format-timestamp', 'only the years 0000 to 9999 can be written');
  const days = Math.floor(ms / DAY);
  let year = 1970 + Math.floor(days / 365.2425);
  while (daysToYear(year) > days) year--;
  while (daysToYear(year + 1) <= days) year++;
  let day = days - daysToYear(year) + 1;
  let month = 1;
  for (; day > daysInMonth(year, month); month++) day -= daysInMonth(year, month);
  const rest = ms - days * DAY;
  const fraction = rest % 1000 === 0 ? '' : `.${String(rest % 1000).padStart(3, '0')}`;
  const seconds = Math.floor(rest / 1000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clock}${fraction}Z`;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', DAY],
]);

function dateAdd(ms: Value, n: Value, unit: Value): Value {
  if (!(unit instanceof Keyword)) typeError('date-add', 'keyword', unit);
  const size =
    UNITS.get(unit.name) ?? invalid('date-add', `unknown unit :${unit.name}`, 'the units are :ms :s :min :h :d');
  return add(integer('date-add', ms), mul(integer('date-add', n), size));
}

/** Points in time. */
export const TIME: readonly Entry[] = [
  define('parse-timestamp', '[:string] :int?', parseTimestamp),
  define('format-timestamp', '[:int] :string', (_rt, ms) => formatTimestamp(ms)),
  define('date-add', '[:int :int :keyword] :int', (_rt, ms, n, unit) => dateAdd(ms, n, unit)),
];
