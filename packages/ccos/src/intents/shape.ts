/** The shapes of intents and edges (I1), and what stands where nothing was said. */
import {
  count,
  dictionary,
  list,
  matching,
  nullable,
  object,
  oneOf,
  pointerOf,
  where,
  type Shape,
} from '../causal-chain/shape.ts';
import { CcosError } from '../foundation/errors.ts';
import {
  EDGE_TYPES,
  INTENT_STATUSES,
  TRIGGER_SOURCES,
  type Edge,
  type StorableIntent,
  type StringMap,
} from '../model/intent.ts';
import { checkIntentSource, intentSource, readSource } from './source.ts';

/** How names of intents look (I1). */
const INTENT_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
const PRIORITY_MAX = 2 ** 32 - 1;
const ARBITER_VERSION = '1.0.0';

const text: Shape = (value) =>
  typeof value === 'string' && value.isWellFormed() ? null : { path: [], expected: 'a string of whole characters' };
const strings = where(dictionary(text), (map) =>
  Object.hasOwn(map, '') ? { path: [''], expected: 'no member without a name' } : null,
);
const id = matching('a name of letters, digits and . _ : -, at most 128 characters', INTENT_ID);
const priority: Shape = (value) =>
  count(value) === null && (value as number) <= PRIORITY_MAX
    ? null
    : { path: [], expected: `a whole number from 0 to ${PRIORITY_MAX}` };
const weight: Shape = (value) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? null : { path: [], expected: 'a number from 0 to 1' };
const goal: Shape = (value) => (value === '' ? { path: [], expected: 'a goal that is not empty' } : text(value));

/** The members of an intent, in the order in which they are written. */
const INTENT_MEMBERS = {
  intent_id: id,
  name: nullable(text),
  original_request: text,
  rtfs_intent_source: text,
  goal,
  constraints: strings,
  preferences: strings,
  success_criteria: nullable(text),
  parent_intent: nullable(id),
  child_intents: list(id),
  triggered_by: oneOf(...TRIGGER_SOURCES),
  generation_context: object({
    arbiter_version: text,
    generation_timestamp: count,
    input_context: strings,
    reasoning_trace: nullable(text),
  }),
  status: oneOf(...INTENT_STATUSES),
  priority,
  created_at: count,
  updated_at: count,
  metadata: strings,
} as const satisfies Record<keyof StorableIntent, Shape>;
const EDGE_MEMBERS = {
  from: id,
  to: id,
  edge_type: oneOf(...EDGE_TYPES),
  metadata: nullable(strings),
  weight: nullable(weight),
} as const satisfies Record<keyof Edge, Shape>;

const intentShape = object(INTENT_MEMBERS);
const edgeShape = object(EDGE_MEMBERS);

/** What a caller says of a new intent: the goal, and whatever is not as it would be without a word (I1). */
export type NewIntent = { readonly goal: string } & Partial<StorableIntent>;
/** What a caller says of an edge. */
export type NewEdge = Pick<Edge, 'from' | 'to' | 'edge_type'> & Partial<Edge>;

/** `INTENT_INVALID {pointer}` (I1.1). */
export function invalid(pointer: string, expected: string): CcosError {
  return new CcosError(
    'INTENT_INVALID',
    `Cannot take the intent: ${pointer === '' ? 'it' : pointer} must be ${expected}`,
    {
      details: { pointer, expected },
      hint: `${pointer === '' ? 'it' : pointer} must be ${expected}`,
    },
  );
}

/** The value, in the order of the format's members, when it is an intent of the right shape. Throws `INTENT_INVALID {pointer}`. */
export function checkedIntent(value: unknown): StorableIntent {
  return checked<StorableIntent>(intentShape, INTENT_MEMBERS, value);
}

/** The same for an edge. Throws `INTENT_INVALID {pointer}`. */
export function checkedEdge(value: unknown): Edge {
  const { from, to, edge_type, metadata = null, weight: given = null, ...unknown } = asObject<NewEdge>(value);
  const edge = checked<Edge>(edgeShape, EDGE_MEMBERS, { from, to, edge_type, metadata, weight: given, ...unknown });
  // No text keeps the sign of -0.
  return edge.weight === 0 ? { ...edge, weight: 0 } : edge;
}

function checked<T extends object>(shape: Shape, members: Readonly<Record<keyof T, Shape>>, value: unknown): T {
  const fault = shape(value);
  if (fault !== null) throw invalid(pointerOf(fault), fault.expected);
  const given = value as T;
  return Object.fromEntries((Object.keys(members) as (keyof T)[]).map((name) => [name, given[name]])) as T;
}

function asObject<T>(value: unknown): Partial<T> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('', 'an object');
  return value as Partial<T>;
}

/** What is not said of an intent. */
export interface IntentDefaults {
  readonly id: () => string;
  /** Unix seconds. */
  readonly now: number;
}

/**
 * A whole intent from what is known of it (I1), its sources read (I1.2) and its own made (I1.3).
 * @throws `INTENT_INVALID {pointer}`, `INTENT_SOURCE {pointer, span}`.
 */
export function wholeIntent(value: unknown, { id: newId, now }: IntentDefaults): StorableIntent {
  const given = asObject<StorableIntent>(value);
  const badGoal = given.goal === undefined ? null : goal(given.goal);
  if (badGoal !== null) throw invalid('/goal', badGoal.expected);
  const created = given.created_at ?? now;
  const context = given.generation_context;
  const generated =
    context === undefined || (typeof context === 'object' && (context as object | null) !== null)
      ? {
          arbiter_version: ARBITER_VERSION,
          generation_timestamp: created,
          input_context: {},
          reasoning_trace: null,
          ...context,
        }
      : context;
  const { rtfs_intent_source: source, ...rest } = {
    intent_id: given.intent_id ?? newId(),
    name: null,
    original_request: given.goal ?? '',
    constraints: {},
    preferences: {},
    success_criteria: null,
    parent_intent: null,
    child_intents: [],
    triggered_by: 'HumanRequest',
    status: 'Active',
    priority: 0,
    created_at: created,
    updated_at: created,
    metadata: {},
    ...withoutUndefined(given),
    generation_context: generated,
  };
  return withSource(checkedIntent({ ...rest, rtfs_intent_source: source ?? '' }), source);
}

/** The intent with its sources read and its own made; `given`, where there is one, must say the same (I1.3). */
export function withSource(intent: StorableIntent, given: string | undefined): StorableIntent {
  for (const name of ['constraints', 'preferences'] as const) readSources(intent[name], `/${name}`);
  if (intent.success_criteria !== null) readSource(intent.success_criteria, '/success_criteria');
  if (given !== undefined) checkIntentSource(given, intent);
  return { ...intent, rtfs_intent_source: intentSource(intent) };
}

function readSources(sources: StringMap, pointer: string): void {
  for (const name of Object.keys(sources))
    readSource(sources[name] as string, `${pointer}${pointerOf({ path: [name], expected: '' })}`);
}

/** Members that are there and undefined are absent. */
export function withoutUndefined<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, member]) => member !== undefined)) as T;
}
