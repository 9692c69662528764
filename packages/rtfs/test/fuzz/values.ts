/** Values through text and back (R1.39), through the tagged codec and back, and what that codec must refuse (R14.10, R14.11). */
import { formToValue } from '../../src/reader/data.ts';
import { read } from '../../src/reader/read.ts';
import type { Form } from '../../src/reader/forms.ts';
import { canonical, decode, encode } from '../../src/values/codec.ts';
import { equal } from '../../src/values/equality.ts';
import { ErrorValue, Keyword, Sym } from '../../src/values/kinds.ts';
import type { Value } from '../../src/values/kinds.ts';
import { List } from '../../src/values/list.ts';
import { PMap } from '../../src/values/map.ts';
import { float } from '../../src/values/numbers.ts';
import { print } from '../../src/values/print.ts';
import { compileRegex } from '../../src/values/regex.ts';
import { PSet } from '../../src/values/set.ts';
import { Vec } from '../../src/values/vector.ts';
import type { Json } from '../../src/machine/types.ts';
import type { Choices } from './choices.ts';
import type { Target } from './target.ts';

const NAMES = [
  'a',
  'b',
  'a/b',
  'com.acme:v1.0/x',
  'x?',
  '__proto__',
  'é',
  '-x',
  '...',
  'constructor',
  "x'y",
  'a#b',
  '+',
  'nil?',
  'resource:ref',
];
const UNITS = [
  'a',
  'Z',
  ' ',
  '\n',
  '"',
  '\\',
  "'",
  '$',
  ':',
  '\0',
  '\x1f',
  '\x7f',
  '\x85',
  '\u2028',
  '\ufeff',
  'é',
  '😀',
  '\ue000',
  '{',
  '`',
];
const STRINGS = ['$int', '$', "'", ':k', "'$x", '__proto__', ''];
const FLOATS = [
  0,
  -0,
  1,
  2.5,
  1e21,
  1e-7,
  0.1,
  Infinity,
  -Infinity,
  9007199254740992,
  5e-324,
  1.7976931348623157e308,
  123456.789,
];
const INTS = [
  0,
  1,
  -1,
  2,
  9007199254740991,
  -9007199254740991,
  9007199254740992n,
  9223372036854775807n,
  -9223372036854775808n,
] as const;

function scalar(c: Choices): Value {
  switch (c.below(8)) {
    case 0:
      return c.pick([null, true, false]);
    case 1:
      return c.pick(INTS);
    case 2:
      return c.below(1000) - 500;
    case 3:
      return float(c.pick(FLOATS));
    case 4:
      return Keyword.of(c.pick(NAMES));
    case 5:
      return Sym.of(c.pick(NAMES));
    case 6:
      return c.pick(STRINGS);
    default:
      return c.some(6, () => c.pick(UNITS)).join('');
  }
}

function value(c: Choices, depth: number, isKey: boolean): Value {
  if (depth === 0 || c.once(2)) {
    if (!isKey && c.once(12)) return c.pick([NaN, compileRegex('a"+\\d|[/]'), compileRegex('')]);
    return scalar(c);
  }
  const items = (): Value[] => c.some(4, () => value(c, depth - 1, isKey));
  switch (c.below(5)) {
    case 0:
      return Vec.of(items());
    case 1:
      return List.of(items());
    case 2:
      return PSet.of(c.some(4, () => value(c, depth - 1, true)));
    case 3:
      return PMap.of(c.some(4, () => [Keyword.of(c.pick(NAMES)), value(c, depth - 1, isKey)] as const));
    default:
      return PMap.of(c.some(4, () => [value(c, depth - 1, true), value(c, depth - 1, isKey)] as const));
  }
}

/** NaN equals nothing, so values that hold it compare by their print. */
function same(a: Value, b: Value): boolean {
  return equal(a, b) || (print(a).includes('##NaN') && print(a) === print(b));
}

function checkRoundTrips(json: string): string | null {
  const v = decode(JSON.parse(json) as Json);
  const text = print(v);
  const { forms, diagnostics } = read(text);
  if (diagnostics.some(({ severity }) => severity === 'error') || forms.length !== 1)
    return `does not read back: ${text}`;
  const back = formToValue(forms[0] as Form);
  if (!same(back, v)) return `reads back as ${print(back)}: ${text}`;
  const again = canonical(decode(encode(v)));
  return again === canonical(v) ? null : `the codec makes ${again} of ${canonical(v)}`;
}

export const VALUES: Target = {
  name: 'values',
  weight: 3,
  make: (c) => canonical(value(c, 4, false)),
  check: checkRoundTrips,
};

// ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────────────

const TAGS = ['$int', '$float', '$kw', '$sym', '$list', '$set', '$map', '$re', '$error', '$', '$other'];

/** Tagged JSON, mostly not what any value encodes to. */
function json(c: Choices, depth: number): Json {
  if (depth === 0 || c.once(3)) {
    return c.pick<Json>([
      null,
      true,
      0,
      1,
      -1,
      2.5,
      9007199254740991,
      9007199254740992,
      1e21,
      '',
      'a',
      '5',
      '-5',
      '05',
      '+5',
      '9007199254740992',
      '9223372036854775808',
      '2.0',
      '2.5',
      '-0.0',
      '1e3',
      '1.0e21',
      'NaN',
      'Inf',
      'a b',
      '\ud800',
      ':k',
      'nil',
      '(',
      '\\d+',
    ]);
  }
  const items = (): Json[] => c.some(3, () => json(c, depth - 1));
  switch (c.below(5)) {
    case 0:
      return items();
    case 1:
      return { [c.pick(TAGS)]: json(c, depth - 1) };
    case 2:
      return { [c.pick(['$set', '$list'])]: items() };
    case 3:
      return { $map: c.some(3, () => [json(c, depth - 1), json(c, depth - 1)]) };
    default:
      return Object.fromEntries(
        c.some(3, () => [
          c.pick([...TAGS, ':a', ':', ':a b', "'a", "':a", "'$int", "''", 'a', '', '__proto__', ':é']),
          json(c, depth - 1),
        ]),
      );
  }
}

/** The JSON with keys, set elements and map entries in canonical order (R14.10): what its value must encode to. */
function canonicalJson(v: Json): string {
  if (Array.isArray(v)) return `[${(v as Json[]).map(canonicalJson).join(',')}]`;
  if (v === null || typeof v !== 'object') return JSON.stringify(v);
  const entries = Object.entries(v as Record<string, Json>);
  const [[tag, inside] = ['', null]] = entries as [[string, Json]?];
  if (entries.length === 1 && tag === '$set' && Array.isArray(inside))
    return `{"$set":[${(inside as Json[]).map(canonicalJson).toSorted(byUnits).join(',')}]}`;
  if (entries.length === 1 && tag === '$map' && Array.isArray(inside)) {
    const rows = (inside as Json[][])
      .map((row) => row.map(canonicalJson))
      .toSorted((a, b) => byUnits(a[0] as string, b[0] as string));
    return `{"$map":[${rows.map((row) => `[${row.join(',')}]`).join(',')}]}`;
  }
  return `{${entries
    .toSorted(([a], [b]) => byUnits(a, b))
    .map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`)
    .join(',')}}`;
}

function byUnits(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function checkRefusals(text: string): string | null {
  const given = JSON.parse(text) as Json;
  let v: Value;
  try {
    v = decode(given);
  } catch (e) {
    return e instanceof ErrorValue && e.kind === 'SerializationError' ? null : `refused with ${String(e)}`;
  }
  const back = canonical(v);
  return back === canonicalJson(given) ? null : `accepted, though its value encodes to ${back}`;
}

export const REFUSALS: Target = {
  name: 'refusals',
  weight: 2,
  make: (c) => JSON.stringify(json(c, 4)),
  check: checkRefusals,
};
