/**
 * What a scope defines (R4.5): names are found before its body is analysed, since a definition is visible in the whole scope.
 * The walk enters only forms that open no scope of their own (R4.4).
 */
import type { Form } from '../reader/forms.ts';
import type { Analyser } from './analyser.ts';
import type { Place } from './scope.ts';

/** Forms whose parts have scopes of their own; only the parts at the listed indices are evaluated outside them. */
const OPENING: Readonly<Record<string, readonly number[]>> = {
  fn: [],
  λ: [],
  let: [],
  letfn: [],
  loop: [],
  for: [],
  doseq: [],
  dotimes: [],
  match: [1],
  parallel: [],
  'step-parallel': [],
  'with-resource': [],
  'if-let': [],
  'when-let': [],
  'if-some': [],
  'when-some': [],
  'as->': [1],
  quote: [],
  comment: [],
  defmacro: [],
  deftype: [],
  module: [],
  import: [],
  catch: [],
};

/** One definition found in a body: its name and whether `set!` makes it, if no variable of that name is in reach (R4.9). */
interface Found {
  readonly name: string;
  readonly bySet: boolean;
}

/** What a form with a certain head says here: whether it names something that it makes or sets, and which parts are looked into. */
interface Head {
  readonly names: 'def' | 'set' | null;
  /** Indices of the parts outside any scope of its own; null for all. */
  readonly parts: readonly number[] | null;
}
const HEADS: ReadonlyMap<string, Head> = new Map<string, Head>([
  ...Object.entries(OPENING).map(([name, parts]) => [name, { names: null, parts }] as const),
  ['def', { names: 'def', parts: null }],
  ['set!', { names: 'set', parts: null }],
  ...['defn', 'defn-', 'defstruct'].map((name) => [name, { names: 'def', parts: [] }] as const),
]);

function collect(form: Form, found: Found[]): void {
  if (form.t === 'list') return collectList(form.items, found);
  if (form.t === 'vector' || form.t === 'map' || form.t === 'set') collectAll(form.items, 0, found);
}

function collectAll(items: readonly Form[], from: number, found: Found[]): void {
  for (let i = from; i < items.length; i++) {
    const item = items[i] as Form;
    // Most are symbols and literals.
    if (item.t !== 'symbol' && item.t !== 'literal') collect(item, found);
  }
}

function collectList(items: readonly Form[], found: Found[]): void {
  const head = items[0];
  const known = head?.t === 'symbol' ? HEADS.get(head.name) : undefined;
  if (known === undefined) return collectAll(items, 1, found);
  const target = items[1];
  if (known.names !== null && target?.t === 'symbol') found.push({ name: target.name, bySet: known.names === 'set' });
  if (known.parts === null) return collectAll(items, 1, found);
  for (const part of known.parts) if (part < items.length) collect(items[part] as Form, found);
}

/** What the forms from index `from` on define, or assign, in the scope they stand in. */
function foundIn(items: readonly Form[], from: number): Found[] {
  const found: Found[] = [];
  collectAll(items, from, found);
  return found;
}

/** The names that forms define in the scope they stand in; one that they only assign, unless it is `known` elsewhere. */
export function definitionsIn(items: readonly Form[], from: number, known?: ReadonlySet<string>): string[] {
  return foundIn(items, from).flatMap(({ name, bySet }) => (bySet && known?.has(name) === true ? [] : [name]));
}

/** Declares what the forms from index `from` on define in the scope of `place`, which has just been opened. */
export function declareDefinitions(a: Analyser, items: readonly Form[], from: number, place: Place): void {
  const found = foundIn(items, from);
  if (found.length === 0) return;
  const times = new Map<string, number>();
  for (const { name, bySet } of found) {
    if (bySet && place.scope.find(name) !== null) {
      times.set(name, 2);
      continue;
    }
    times.set(name, (times.get(name) ?? 0) + 1);
    if (!place.scope.names.has(name)) a.declare(name, place, 'def');
  }
  hoist(a, items.slice(from), times, place);
}

/** Forms that run nothing which could call a function of the scope: a module cannot see the names of who imports it. */
const INERT = new Set(['comment', 'declare', 'deftype', 'defmacro', 'import', 'module']);

/**
 * Functions defined before anything runs are there from the start: their reads need no test and their calls go direct. "Before
 * anything runs": every form before them is a definition of a function or of a value that no function of the program makes.
 */
function hoist(a: Analyser, items: readonly Form[], times: ReadonlyMap<string, number>, place: Place): void {
  for (const form of items) {
    if (form.t !== 'list') return;
    const [head, target, value] = form.items;
    const kind = head?.t === 'symbol' ? head.name : '';
    if (INERT.has(kind)) continue;
    if (kind === 'defn' || kind === 'defn-') {
      const variable = target?.t === 'symbol' ? place.scope.names.get(target.name) : undefined;
      if (variable !== undefined && times.get(variable.name) === 1) place.scope.done.add(variable);
      continue;
    }
    if (kind !== 'def' || value === undefined || !isInert(a, value, place)) return;
  }
}

/** True for a form whose evaluation runs no function of the program and reads none of its variables. */
function isInert(a: Analyser, form: Form, place: Place): boolean {
  if (form.t === 'literal' || form.t === 'quote') return true;
  if (form.t === 'vector' || form.t === 'map' || form.t === 'set')
    return form.items.every((item) => isInert(a, item, place));
  if (form.t !== 'list') return false;
  const head = form.items[0];
  if (head?.t !== 'symbol') return form.items.length === 0;
  if (head.name === 'fn') return true;
  const entry = a.dialect.library.get(head.name);
  if (entry === undefined || entry.func !== null || place.scope.find(head.name) !== null) return false;
  return form.items.slice(1).every((item) => isInert(a, item, place));
}
