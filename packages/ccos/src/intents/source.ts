/** RTFS in intents (I1.2, I1.3): each source is exactly one form, and the whole intent has one canonical print. */
import { equal, Keyword, List, PMap, print, read, Sym, type Form, type Value } from '@ccos/rtfs';
import { excerptAt, formToValue } from '@ccos/rtfs/internal';
import { CcosError } from '../foundation/errors.ts';
import type { StorableIntent, StringMap } from '../model/intent.ts';

/** The members that an intent's source tells. */
export type SourceFields = Pick<StorableIntent, 'name' | 'goal' | 'constraints' | 'preferences' | 'success_criteria'>;

/** A printed form may be as deep as a read one. */
const DEEP = { depth: 1_024, elements: Infinity, characters: Infinity, strict: true };

/** The one form of a source. Throws `INTENT_SOURCE {pointer, span}` (I1.2). */
export function readSource(text: string, pointer: string): Form {
  const { forms, diagnostics } = read(text);
  const bad = diagnostics.find(({ severity }) => severity === 'error');
  const [form, second] = forms;
  if (bad === undefined && form !== undefined && second === undefined) return form;
  const span = bad?.span ?? second?.span;
  throw new CcosError('INTENT_SOURCE', `Cannot take ${pointer}: ${bad?.message ?? 'it must be exactly one form'}`, {
    ...(span === undefined ? {} : { span: { ...place(span) } }),
    details: {
      pointer,
      ...(span === undefined ? {} : { span: place(span), excerpt: excerptAt(text, span) }),
    },
    hint:
      bad?.hint ?? 'a constraint, preference or criterion is one form of RTFS, such as 5, "text" or (fn [r] (> r 0))',
  });
}

function place({
  line,
  column,
  endLine,
  endColumn,
}: Form['span']): Record<'line' | 'column' | 'endLine' | 'endColumn', number> {
  return { line, column, endLine, endColumn };
}

/** The canonical print of an intent (I1.3): names ascending, one line. Throws `INTENT_SOURCE` for a member that is not one form. */
export function intentSource(fields: SourceFields): string {
  const parts = ['(intent'];
  if (fields.name !== null) parts.push(print(fields.name));
  parts.push(':goal', print(fields.goal));
  parts.push(':constraints', sourceMap(fields.constraints, '/constraints'));
  parts.push(':preferences', sourceMap(fields.preferences, '/preferences'));
  if (fields.success_criteria !== null)
    parts.push(':success-criteria', canonicalForm(fields.success_criteria, '/success_criteria'));
  return `${parts.join(' ')})`;
}

function sourceMap(sources: StringMap, pointer: string): string {
  const entries = Object.keys(sources)
    .toSorted()
    .map((name) => `${print(name)} ${canonicalForm(sources[name] as string, `${pointer}/${name}`)}`);
  return `{${entries.join(' ')}}`;
}

function canonicalForm(text: string, pointer: string): string {
  const form = readSource(text, pointer);
  try {
    return print(formToValue(form), DEEP);
  } catch {
    // A type annotation is no data, so that it cannot be printed as a value: its form stands as it was written.
    return text.slice(form.span.start, form.span.end);
  }
}

/** Refuses a source that says something else than the members (I1.3). Throws `INTENT_SOURCE`. */
export function checkIntentSource(given: string, fields: SourceFields): void {
  const pointer = '/rtfs_intent_source';
  const canonical = intentSource(fields);
  if (given === canonical) return;
  const said = clausesOf(readSource(given, pointer));
  const meant = clausesOf(readSource(canonical, pointer));
  if (said !== null && meant !== null && equal(said, meant, DEEP.depth)) return;
  throw new CcosError('INTENT_SOURCE', 'Cannot take the intent: its rtfs_intent_source disagrees with its members', {
    details: { pointer, expected: canonical, found: given },
    hint: 'leave rtfs_intent_source out: it is made from the members',
  });
}

const NAME = Keyword.of('name');
const OPTIONAL_MAPS = [Keyword.of('constraints'), Keyword.of('preferences')];

/** What an `(intent …)` form says, by clause, whatever the order; null for what is no such form, or holds what is no data. */
function clausesOf(form: Form): PMap | null {
  let value: Value;
  try {
    value = formToValue(form);
  } catch {
    // Forms that are no data are compared as text, by the caller.
    return null;
  }
  if (!(value instanceof List)) return null;
  const [head, ...rest] = value;
  if (head !== Sym.of('intent')) return null;
  const clauses = typeof rest[0] === 'string' ? [NAME, ...rest] : rest;
  const pairs: [Value, Value][] = OPTIONAL_MAPS.map((key) => [key, PMap.empty]);
  for (let at = 0; at < clauses.length; at += 2) {
    const key = clauses[at] as Value;
    const clause = clauses[at + 1];
    if (!(key instanceof Keyword) || clause === undefined) return null;
    pairs.push([key, clause]);
  }
  return PMap.of(pairs);
}
