/**
 * The graph as one form of RTFS (I8.4): complete, ordered, one intent or edge a line. One table says how each member is called
 * in it; writing and reading both follow the table.
 */
import { float, Float, Keyword, List, PMap, print, read, Sym, Vec, type Value } from '@ccos/rtfs';
import { formToValue } from '@ccos/rtfs/internal';
import { CANONICAL_BYTES_MAX } from '../foundation/canonical-json.ts';
import { CcosError } from '../foundation/errors.ts';
import type { Edge, GenerationContext, GraphBody, StorableIntent } from '../model/intent.ts';

/** How a member is written: as it is, as a float, as a map of strings, as a vector of strings, or by a table of its own. */
type Kind = 'plain' | 'float' | 'map' | 'list' | readonly Field[];
interface Field {
  readonly key: string;
  readonly member: string;
  readonly kind: Kind;
}

const field = <T>(key: string, member: keyof T & string, kind: Kind = 'plain'): Field => ({ key, member, kind });

const GENERATION: readonly Field[] = [
  field<GenerationContext>('arbiter-version', 'arbiter_version'),
  field<GenerationContext>('timestamp', 'generation_timestamp'),
  field<GenerationContext>('input', 'input_context', 'map'),
  field<GenerationContext>('reasoning', 'reasoning_trace'),
];
const INTENT: readonly Field[] = [
  field<StorableIntent>('id', 'intent_id'),
  field<StorableIntent>('goal', 'goal'),
  field<StorableIntent>('status', 'status'),
  field<StorableIntent>('priority', 'priority'),
  field<StorableIntent>('name', 'name'),
  field<StorableIntent>('rtfs-intent', 'rtfs_intent_source'),
  field<StorableIntent>('request', 'original_request'),
  field<StorableIntent>('constraints', 'constraints', 'map'),
  field<StorableIntent>('preferences', 'preferences', 'map'),
  field<StorableIntent>('success-criteria', 'success_criteria'),
  field<StorableIntent>('parent', 'parent_intent'),
  field<StorableIntent>('children', 'child_intents', 'list'),
  field<StorableIntent>('triggered-by', 'triggered_by'),
  field<StorableIntent>('generation', 'generation_context', GENERATION),
  field<StorableIntent>('created-at', 'created_at'),
  field<StorableIntent>('updated-at', 'updated_at'),
  field<StorableIntent>('metadata', 'metadata', 'map'),
];
const EDGE: readonly Field[] = [
  field<Edge>('from', 'from'),
  field<Edge>('to', 'to'),
  field<Edge>('type', 'edge_type'),
  field<Edge>('weight', 'weight', 'float'),
  field<Edge>('metadata', 'metadata', 'map'),
];

/** The snapshot of a graph whose intents and edges stand in their order; ends with a newline. */
export function snapshotText(intents: readonly StorableIntent[], edges: readonly Edge[]): string {
  const lines = (head: string, table: readonly Field[], of: readonly object[]): string[] =>
    of.map((one) => `    (${head} {${members(table, one).join(' ')} })`);
  return [
    ';; Intent Graph Snapshot (hybrid backup)',
    '(intent-graph',
    '  (intents',
    ...lines('intent', INTENT, intents),
    '  )',
    '  (edges',
    ...lines('edge', EDGE, edges),
    '  )',
    ')',
    '',
  ].join('\n');
}

function members(table: readonly Field[], one: object): string[] {
  return table.flatMap(({ key, member, kind }) => {
    const value = (one as Readonly<Record<string, unknown>>)[member];
    return value === null ? [] : [`:${key} ${valueText(value, kind)}`];
  });
}

function valueText(value: unknown, kind: Kind): string {
  if (typeof kind === 'object') return `{${members(kind, value as object).join(' ')}}`;
  if (kind === 'map') {
    const map = value as Readonly<Record<string, string>>;
    const entries = Object.keys(map).toSorted();
    return `{${entries.map((name) => `${print(name)} ${print(map[name] as string)}`).join(' ')}}`;
  }
  if (kind === 'list') return print(Vec.of([...(value as readonly string[])]));
  return print(kind === 'float' ? float(value as number) : (value as Value));
}

/**
 * The graph that a snapshot says, unchecked beyond the form (I8.4).
 * @throws `BACKUP_INTEGRITY` for a text that is not one such form.
 */
export function graphFromSnapshot(text: string): GraphBody {
  const { forms, diagnostics } = read(text, { limits: { sourceBytes: CANONICAL_BYTES_MAX } });
  // A key that stands twice is a warning of the reader; in a snapshot it is a fault.
  const [form, second] = forms;
  const [finding] = diagnostics;
  if (finding !== undefined || form === undefined || second !== undefined)
    throw unreadable(finding === undefined ? 'it is not one form' : `${finding.message} (line ${finding.span.line})`);
  const [intents, edges, ...others] = partsOf(formToValue(form), 'intent-graph');
  if (others.length > 0) throw unreadable('it has more than intents and edges');
  const all = (part: Value | undefined, name: string, one: string, table: readonly Field[]): object[] =>
    partsOf(part ?? null, name).map((item) => {
      const [map, ...rest] = partsOf(item, one);
      if (rest.length > 0) throw unreadable(`an ${one} has more than its map`);
      return objectOf(map ?? null, table);
    });
  const read_ = all(intents, 'intents', 'intent', INTENT) as StorableIntent[];
  return {
    intents: Object.fromEntries(read_.map((intent) => [intent.intent_id, intent])),
    edges: all(edges, 'edges', 'edge', EDGE) as Edge[],
  };
}

function partsOf(value: Value, head: string): Value[] {
  if (value instanceof List && value.at(0) === Sym.of(head)) return [...value].slice(1);
  throw unreadable(`a form (${head} …) is missing`);
}

function objectOf(value: Value, table: readonly Field[]): object {
  if (!(value instanceof PMap)) throw unreadable('a map is missing');
  const given = new Map(value.entries());
  const entries = table.map(({ key, member, kind }) => {
    const name = Keyword.of(key);
    const found = given.get(name) ?? null;
    given.delete(name);
    return [member, found === null ? null : plainValue(found, kind)];
  });
  if (given.size > 0) throw unreadable(`the key ${print([...given.keys()][0] as Value)} is unknown`);
  return Object.fromEntries(entries) as object;
}

function plainValue(value: Value, kind: Kind): unknown {
  if (typeof kind === 'object') return objectOf(value, kind);
  if (kind === 'map' && value instanceof PMap) return Object.fromEntries(value.entries());
  if (kind === 'list' && value instanceof Vec) return [...value];
  if (kind === 'float' && value instanceof Float) return value.value;
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw unreadable(`${print(value).slice(0, 40)} stands where something else should`);
}

function unreadable(why: string): CcosError {
  return new CcosError('BACKUP_INTEGRITY', `Cannot read the snapshot: ${why}`, {
    details: { reason: why },
    hint: 'take another backup',
  });
}
