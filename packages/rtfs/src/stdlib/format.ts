/** `format` (R16.5): `%[n$][flags][width][.precision]conversion` over `s d f e x X o c b %`. */
import { invalid } from '../values/fail.ts';
import { typeName } from '../values/kind-name.ts';
import type { Value } from '../values/kinds.ts';
import { isInt, isNumber, toDouble } from '../values/numbers.ts';
import { asText, chargeCharacters, checkStringLength, length, text } from './args.ts';
import { defineVariadic } from './define.ts';
import type { Entry } from './define.ts';
import { truth } from './logic.ts';
import type { Rt } from './native.ts';
import { fixed } from './rounding.ts';

/** One directive; `width` 0 and `precision` null mean none. */
interface Directive {
  readonly position: number | null;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | null;
  readonly conversion: string;
}

const DIRECTIVE = /%(?:([0-9]+)\$)?([-0+,]*)([0-9]*)(?:\.([0-9]+))?(.?)/gsu;
/** `toFixed` and `toExponential` write so many decimals at most. */
const MOST_DECIMALS = 100;

function refuse(what: string): never {
  return invalid('format', what);
}

function directive(match: RegExpMatchArray): Directive {
  const [whole, position, flags = '', width = '', precision, conversion = ''] = match;
  if (!/^[sdfexXocb%]$/.test(conversion)) refuse(`unknown directive ${whole}`);
  if (precision !== undefined && !/[fe]/.test(conversion)) refuse(`${whole}: only %f and %e have decimals`);
  if (Number(precision ?? 0) > MOST_DECIMALS) refuse(`${whole}: more than ${MOST_DECIMALS} decimals`);
  return {
    position: position === undefined ? null : Number(position),
    flags,
    width: Number(width),
    precision: precision === undefined ? null : Number(precision),
    conversion,
  };
}

/** What a conversion makes of its argument: a sign, kept apart for zeros to stand behind it, and the rest. */
interface Piece {
  readonly sign: string;
  readonly body: string;
  readonly digits: boolean;
}

function plain(body: string): Piece {
  return { sign: '', body, digits: false };
}

/** Commas between groups of three digits before the point. */
function grouped(digits: string): string {
  const [whole = '', ...rest] = digits.split('.');
  return [whole.replace(/(?<=[0-9])(?=(?:[0-9]{3})+$)/g, ','), ...rest].join('.');
}

function signed(d: Directive, negative: boolean, digits: string): Piece {
  return {
    sign: negative ? '-' : d.flags.includes('+') ? '+' : '',
    body: d.flags.includes(',') ? grouped(digits) : digits,
    digits: true,
  };
}

function wrongKind(d: Directive, expected: string, v: Value): never {
  return refuse(`%${d.conversion} needs ${expected}, got ${typeName(v)}`);
}

function decimal(d: Directive, v: Value): Piece {
  if (!isInt(v)) wrongKind(d, 'an integer', v);
  return signed(d, v < 0, String(v).replace('-', ''));
}

/** Bits have no sign: a negative int is its 64-bit two's complement. */
function based(d: Directive, v: Value): Piece {
  if (!isInt(v)) wrongKind(d, 'an integer', v);
  const digits = BigInt.asUintN(64, BigInt(v)).toString(d.conversion === 'o' ? 8 : 16);
  return { sign: '', body: d.conversion === 'X' ? digits.toUpperCase() : digits, digits: true };
}

/** An exponent has two digits at least. */
function scientific(x: number, decimals: number): string {
  return x.toExponential(decimals).replace(/e([+-])([0-9])$/, 'e$10$2');
}

function real(d: Directive, v: Value): Piece {
  if (!isNumber(v)) wrongKind(d, 'a number', v);
  const x = toDouble(v);
  if (Number.isNaN(x)) return plain('NaN');
  const negative = x < 0 || Object.is(x, -0);
  if (!Number.isFinite(x)) return { ...signed(d, negative, 'Inf'), digits: false };
  const size = Math.abs(x);
  return signed(d, negative, d.conversion === 'f' ? fixed(size, d.precision ?? 6) : scientific(size, d.precision ?? 6));
}

function character(d: Directive, v: Value): Piece {
  if (typeof v === 'string' && length(v) === 1) return plain(v);
  if (typeof v !== 'number' || !Number.isInteger(v) || v < 0 || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff)) {
    wrongKind(d, 'one character or its code', v);
  }
  return plain(String.fromCodePoint(v));
}

function piece(rt: Rt, d: Directive, v: Value): Piece {
  switch (d.conversion) {
    case 's':
      return plain(asText(rt, v));
    case 'd':
      return decimal(d, v);
    case 'f':
    case 'e':
      return real(d, v);
    case 'c':
      return character(d, v);
    case 'b':
      return plain(String(truth(v)));
    default:
      return based(d, v);
  }
}

/** The piece in its width: filled with zeros behind the sign, or with spaces on either side. */
function inWidth(rt: Rt, d: Directive, { sign, body, digits }: Piece): string {
  const missing = Math.max(0, d.width - length(sign) - length(body));
  checkStringLength(rt, missing);
  if (d.flags.includes('-')) return sign + body + ' '.repeat(missing);
  return digits && d.flags.includes('0') ? sign + '0'.repeat(missing) + body : ' '.repeat(missing) + sign + body;
}

function format(rt: Rt, all: readonly Value[]): Value {
  const template = text('format', all[0] ?? null);
  const args = all.slice(1);
  let next = 0;
  let used = 0;
  let characters = 0;
  let units = 0;
  const take = (d: Directive): Value => {
    const index = d.position === null ? next++ : d.position - 1;
    used = Math.max(used, index + 1);
    const found = args[index];
    return found === undefined ? refuse(`%${d.conversion} number ${index + 1} has no argument`) : found;
  };
  const result = template.replace(DIRECTIVE, (...match: unknown[]) => {
    const d = directive(match as unknown as RegExpMatchArray);
    const made = d.conversion === '%' ? '%' : inWidth(rt, d, piece(rt, d, take(d)));
    checkStringLength(rt, (units += made.length));
    characters += length(made);
    return made;
  });
  if (used < args.length) refuse(`${args.length} arguments for ${used} directives`);
  checkStringLength(rt, result.length);
  chargeCharacters(rt, characters + length(template));
  return result;
}

/** `format`. */
export const FORMAT: readonly Entry[] = [defineVariadic('format', '[:string & :any] :string', format)];
