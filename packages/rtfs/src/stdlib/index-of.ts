/** `index-of` and `last-index-of`: of a text in a text, or of an element in a vector or list (R16.5). */
import { equal } from '../values/equality.ts';
import { typeError } from '../values/fail.ts';
import type { Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { Vec } from '../values/vector.ts';
import { chargedElements, count, length, text } from './args.ts';
import { define } from './define.ts';
import type { Entry } from './define.ts';
import type { Rt } from './native.ts';

/** The position of the code point `n` in UTF-16 units, the end if there are fewer. */
function unitOf(s: string, n: number): number {
  let unit = 0;
  for (let i = 0; i < n && unit < s.length; i++) unit += (s.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  return unit;
}

/**
 * Where `part` first, or last, stands in `s` from the character `from` on, or up to it. In characters; nil if nowhere.
 */
function inText(s: string, part: string, from: number | undefined, backwards: boolean): Value {
  if (backwards && from !== undefined && from < 0) return null;
  const start = from === undefined ? (backwards ? s.length : 0) : unitOf(s, Math.max(0, from));
  const unit = backwards ? s.lastIndexOf(part, start) : s.indexOf(part, start);
  return unit < 0 ? null : length(s.slice(0, unit));
}

function inSequence(rt: Rt, items: readonly Value[], item: Value, from: number | undefined, backwards: boolean): Value {
  const matches = (i: number): boolean => equal(items[i] ?? null, item, rt.limits.dataDepth);
  if (backwards) {
    for (let i = Math.min(items.length - 1, from ?? items.length); i >= 0; i--) if (matches(i)) return i;
    return null;
  }
  for (let i = Math.max(0, from ?? 0); i < items.length; i++) if (matches(i)) return i;
  return null;
}

const SIGNATURE = `[:nil :any] :nil [:string :string] :int? [:seq :any] :int?
  [:nil :any :int] :nil [:string :string :int] :int? [:seq :any :int] :int?`;

function indexOf(fn: string, backwards: boolean): Entry {
  return define(fn, SIGNATURE, (rt, coll, item, from: Value | undefined) => {
    const start = from === undefined ? undefined : count(fn, from);
    if (coll === null) return null;
    if (typeof coll === 'string') {
      rt.charge(length(coll));
      return inText(coll, text(fn, item), start, backwards);
    }
    if (!(coll instanceof Vec || coll instanceof List)) typeError(fn, 'string, vector or list', coll);
    return inSequence(rt, chargedElements(rt, fn, coll), item, start, backwards);
  });
}

/** Positions by content. */
export const INDEX_OF: readonly Entry[] = [indexOf('index-of', false), indexOf('last-index-of', true)];
