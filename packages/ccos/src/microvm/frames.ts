/**
 * The one table of frame types (M8.2), the TypeScript types that come out of it, and the strict validator of M8.4. Host and guest
 * import this same file, so it uses no Node built-in. A line that does not pass is a violation; nothing of it acts.
 */
import type { Json } from '@ccos/rtfs';

/** Bytes of one frame with its newline, at most (M8.2). */
export const FRAME_BYTES_MAX = 1_048_576;
/** Nesting of one frame, at most (M8.2). */
export const FRAME_DEPTH_MAX = 1_024;
/** UTF-8 bytes of a value's JSON text above which it travels as blob frames (M8.2 bids it above 512 KiB; a `run` holds three). */
export const INLINE_VALUE_MAX = 262_144;
/** Characters of base64 in one blob frame (M8.2). */
export const BLOB_DATA_MAX = 393_216;
/** Calls that a guest may leave unanswered (M8.6). */
export const UNANSWERED_MAX = 8;
/** Longest text of a `log` frame (M8.2). */
export const LOG_TEXT_MAX = 4_096;
/** The version of the channel that this table describes. */
export const PROTOCOL = 1;
/** Longest path or name of a step. */
export const PATH_LENGTH_MAX = 4_096;
/** Longest id of a capability. */
export const ID_LENGTH_MAX = 1_024;
/** What names a run. */
export const RUN_TOKEN = /^[0-9a-f]{32}$/;

interface Field<T> {
  readonly is: (value: unknown) => value is T;
  readonly what: string;
  readonly optional: boolean;
}

function field<T>(what: string, is: (value: unknown) => boolean): Field<T> {
  return { what, optional: false, is: is as (value: unknown) => value is T };
}
function optional<T>(inner: Field<T>): Field<T | undefined> {
  return { ...inner, optional: true } as Field<T | undefined>;
}
function nullable<T>(inner: Field<T>): Field<T | null> {
  return field(`${inner.what} or null`, (value) => value === null || inner.is(value));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (max = FRAME_BYTES_MAX): Field<string> =>
  field('a string', (value) => typeof value === 'string' && value.length <= max);
const matching = (what: string, pattern: RegExp): Field<string> =>
  field(what, (value) => typeof value === 'string' && pattern.test(value));
const oneOf = <T extends string | number | boolean>(...values: readonly T[]): Field<T> =>
  field(values.join(' or '), (value) => values.includes(value as T));
const count: Field<number> = field(
  'an integer from 0',
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
const flag: Field<boolean> = field('true or false', (value) => typeof value === 'boolean');
/** A value: tagged JSON, or `{"$blob": k}` for one that came before as blob frames. */
const json: Field<Json> = field('a value', (value) => value !== undefined);
const listOf = <T>(inner: Field<T>, max: number): Field<readonly T[]> =>
  field(`a list of ${inner.what}`, (value) => Array.isArray(value) && value.length <= max && value.every(inner.is));

/** Exactly these members, each as its field says. */
function record<S extends Record<string, Field<unknown>>>(what: string, shape: S): Field<Members<S>> {
  return field(what, (value) => isObject(value) && membersProblem(value, shape, []) === null);
}

const runToken = matching('a run token', RUN_TOKEN);
const bytes32 = matching('32 bytes as base64url', /^[A-Za-z0-9_-]{43}$/);
const path = text(PATH_LENGTH_MAX);
const stepRef = record('a step', { path, name: text(PATH_LENGTH_MAX) });
const place = record('a span', {
  start: count,
  end: count,
  line: count,
  column: count,
  endLine: count,
  endColumn: count,
  file: optional(path),
});
/** An error as it crosses: the kind a program sees, and for guest-side effects and host errors their code and remedy. */
const error = record('an error', {
  kind: text(1_024),
  message: text(65_536),
  data: optional(json),
  code: optional(text(64)),
  hint: optional(text(8_192)),
  span: optional(nullable(place)),
});

type Members<S extends Record<string, Field<unknown>>> = {
  readonly [K in keyof S as undefined extends FieldValue<S[K]> ? never : K]: FieldValue<S[K]>;
} & {
  readonly [K in keyof S as undefined extends FieldValue<S[K]> ? K : never]?: Exclude<FieldValue<S[K]>, undefined>;
};
type FieldValue<F> = F extends Field<infer T> ? T : never;

const request = { run: runToken, path } as const;

/** Every frame: who sends it and its fields beside `v`, `id` and `t`. */
export const FRAMES = {
  hello: {
    from: 'host',
    fields: {
      protocols: listOf(count, 8),
      nonce: bytes32,
      entropy: bytes32,
      time: count,
      limits: record('limits', { unanswered: count, blobBytes: count }),
      frameCap: count,
    },
  },
  ready: {
    from: 'guest',
    fields: { protocol: count, nonce: bytes32, guest: text(128), runtime: text(128), features: listOf(text(64), 64) },
  },
  run: {
    from: 'host',
    fields: {
      run: runToken,
      program: json,
      args: json,
      input: json,
      config: record('a configuration', { fuel: count, deadlineMs: count, memoryBytes: count }),
      env: json,
    },
  },
  call: {
    from: 'guest',
    fields: {
      ...request,
      step: nullable(stepRef),
      capability: text(ID_LENGTH_MAX),
      args: json,
      hints: json,
      timeoutMs: nullable(count),
      exposure: record('an exposure', { expose: nullable(flag), keys: nullable(listOf(text(4_096), 4_096)) }),
    },
  },
  context: { from: 'guest', fields: { ...request, key: text(4_096) } },
  pause: { from: 'guest', fields: { ...request, ms: count } },
  checkpoint: { from: 'guest', fields: { ...request, label: nullable(text(4_096)), context: json } },
  reply: { from: 'host', fields: { re: count, ok: flag, value: optional(json), error: optional(error) } },
  step: {
    from: 'guest',
    fields: {
      ...request,
      event: oneOf('started', 'completed', 'failed'),
      name: text(4_096),
      attempt: count,
      value: optional(json),
      error: optional(error),
    },
  },
  effect: { from: 'host', fields: { run: runToken, capability: text(ID_LENGTH_MAX), args: json, grant: json } },
  result: { from: 'guest', fields: { run: runToken, ok: flag, value: optional(json), error: optional(error) } },
  out: { from: 'guest', fields: { run: runToken, stream: oneOf('stdout', 'stderr'), data: text(87_384) } },
  log: { from: 'guest', fields: { level: oneOf('debug', 'info', 'warn', 'error'), text: text(LOG_TEXT_MAX) } },
  cancel: { from: 'host', fields: { run: runToken } },
  bye: { from: 'host', fields: {} },
  blob: {
    from: 'both',
    fields: { blob: count, seq: count, last: flag, data: matching('base64', /^[A-Za-z0-9+/]*={0,2}$/) },
  },
} as const satisfies Record<string, { from: 'host' | 'guest' | 'both'; fields: Record<string, Field<unknown>> }>;

export type FrameType = keyof typeof FRAMES;
/** The fields of one type of frame. */
export type FrameBody<T extends FrameType> = Members<(typeof FRAMES)[T]['fields']>;
/** One frame of a known type, checked. */
export type Frame<T extends FrameType = FrameType> = {
  [K in T]: { readonly v: 1; readonly id: number; readonly t: K } & FrameBody<K>;
}[T];
/** An error as it crosses the channel. */
export type FrameError = FieldValue<typeof error>;
export type FrameSender = 'host' | 'guest';

/** The first member that is missing, unknown or of the wrong type, or null. */
export function membersProblem(
  value: Record<string, unknown>,
  shape: Record<string, Field<unknown>>,
  besides: readonly string[],
): string | null {
  let known = besides.length;
  for (const [name, member] of membersOf(shape)) {
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    if (given === undefined ? !member.optional : !member.is(given)) return `'${name}' is not ${member.what}`;
    if (given !== undefined) known++;
  }
  // As many members as are known: there is no other, and nothing to look for. `besides` are there, whoever calls.
  const names = Object.keys(value);
  if (names.length === known) return null;
  const unknown = names.find((name) => !Object.hasOwn(shape, name) && !besides.includes(name));
  return unknown === undefined ? null : `unknown field '${unknown.slice(0, 64)}'`;
}

type MemberList = readonly (readonly [name: string, member: Field<unknown>])[];
const memberLists = new WeakMap<object, MemberList>();

/** The members of a shape as a list, made once. */
function membersOf(shape: Record<string, Field<unknown>>): MemberList {
  let list = memberLists.get(shape);
  if (list === undefined) memberLists.set(shape, (list = Object.entries(shape)));
  return list;
}
