/**
 * The one table of built-in capabilities (P5): manifests, the effect catalogue, help and documentation come out of
 * it. Types are RTFS type expressions over the vector of arguments (P3.2). What carries a row out stands in
 * `builtin-functions.ts`, or, for the side `guest`, behind the wall.
 */
import type { EffectClass } from '../security/effects.ts';

/** Where a capability is carried out: as a function of the language, behind the wall, or on the host. */
export type Side = 'pure' | 'guest' | 'host';

/** One row of P5. */
export interface BuiltinRow {
  readonly id: string;
  readonly title: string;
  readonly effects: readonly EffectClass[];
  readonly input: string;
  readonly output: string;
  readonly idempotent: boolean;
  readonly side: Side;
  /** What is done with the path that is the first argument; null without one. */
  readonly path: 'read' | 'write' | null;
  /** Milliseconds that one call may take. */
  readonly timeoutMs: number;
}

const TIMEOUT_MS = 30_000;
/** `ccos.system.sleep` may take as long as it is asked to. */
const SLEEP_MS_MAX = 3_600_000;

type Parts = Pick<BuiltinRow, 'title' | 'effects' | 'input' | 'output' | 'side'> & Partial<BuiltinRow>;
const row = (id: string, parts: Parts): BuiltinRow => ({
  id,
  idempotent: true,
  path: null,
  timeoutMs: TIMEOUT_MS,
  ...parts,
});

/** A first argument that may be followed by options. */
const optional = (first: string, options: string): string => `[:union [:tuple ${first}] [:tuple ${first} ${options}]]`;
const ENCODING = '[:encoding [:enum "utf-8" "base64"] ?]';
const READ_OPTIONS = `${ENCODING} [:max-bytes :int ?]`;
const WRITE_OPTIONS = `[:mode [:enum "create" "overwrite"] ?] ${ENCODING}`;
/** A path alone, or one map with it (P5). */
const PATH = '[:union [:tuple :string] [:tuple [:map [:path :string]]]]';
const content = (options: string): string =>
  '[:union [:tuple :string :string] ' +
  `[:tuple :string :string [:map ${options}]] [:tuple [:map [:path :string] [:content :string] ${options}]]]`;

/** Every built-in capability. */
export const BUILTINS: readonly BuiltinRow[] = [
  row('ccos.echo', {
    title: 'Returns its argument',
    effects: ['pure'],
    input: '[:tuple :any]',
    output: ':any',
    side: 'pure',
  }),
  row('ccos.math.add', {
    title: 'Adds two numbers',
    effects: ['pure'],
    side: 'pure',
    input: '[:tuple [:union :int :float] [:union :int :float]]',
    output: '[:union :int :float]',
  }),
  row('ccos.string.concat', {
    title: 'Joins strings',
    effects: ['pure'],
    input: '[:vector :string]',
    output: ':string',
    side: 'pure',
  }),
  row('ccos.data.parse-json', {
    title: 'Reads JSON text',
    effects: ['pure'],
    input: optional(':string', '[:map [:keywords :bool ?]]'),
    output: ':any',
    side: 'pure',
  }),
  row('ccos.data.serialize-json', {
    title: 'Writes a value as JSON text',
    effects: ['pure'],
    input: optional(':any', '[:map [:pretty :bool ?]]'),
    output: ':string',
    side: 'pure',
  }),
  row('ccos.data.parse-csv', {
    title: 'Reads CSV text',
    effects: ['pure'],
    output: ':any',
    side: 'pure',
    input: optional(':string', '[:map [:header :bool ?] [:separator :string ?] [:keywords :bool ?]]'),
  }),
  row('ccos.io.file-exists', {
    title: 'Tells whether a path exists',
    effects: ['read-local'],
    input: PATH,
    output: ':bool',
    side: 'guest',
    path: 'read',
  }),
  row('ccos.io.read-file', {
    title: 'Reads a file',
    effects: ['read-local'],
    output: ':string',
    side: 'guest',
    path: 'read',
    input: `[:union [:tuple :string] [:tuple :string [:map ${READ_OPTIONS}]] [:tuple [:map [:path :string] ${READ_OPTIONS}]]]`,
  }),
  row('ccos.io.list-dir', {
    title: 'Lists a folder',
    effects: ['read-local'],
    input: PATH,
    side: 'guest',
    path: 'read',
    output: '[:vector [:map [:name :string] [:kind [:enum "file" "dir" "link" "other"]] [:size :int]]]',
  }),
  row('ccos.io.write-file', {
    title: 'Writes a file, atomically',
    effects: ['write-local'],
    input: content(WRITE_OPTIONS),
    output: ':nil',
    side: 'guest',
    path: 'write',
  }),
  row('ccos.io.append-file', {
    title: 'Appends to a file',
    effects: ['write-local'],
    input: content(ENCODING),
    output: ':nil',
    side: 'guest',
    path: 'write',
    idempotent: false,
  }),
  row('ccos.io.log', {
    title: "Writes to the run's output",
    effects: ['output'],
    output: ':nil',
    side: 'host',
    input:
      '[:union [:tuple [:map [:level [:enum :debug :info :warn :error] ?] [:message :string] [:data :any ?]]] [:vector :any]]',
  }),
  row('ccos.io.print', {
    title: "Prints to the run's output",
    effects: ['output'],
    input: '[:vector :any]',
    output: ':nil',
    side: 'host',
  }),
  row('ccos.io.println', {
    title: "Prints a line to the run's output",
    effects: ['output'],
    input: '[:vector :any]',
    output: ':nil',
    side: 'host',
  }),
  row('ccos.system.get-env', {
    title: "Reads a variable of the context's environment",
    effects: ['environment'],
    input: '[:tuple :string]',
    output: '[:union :string :nil]',
    side: 'host',
  }),
  row('ccos.system.current-time', {
    title: 'The time, as RFC 3339 in UTC',
    effects: ['clock'],
    input: '[:vector :never]',
    output: ':string',
    side: 'host',
  }),
  row('ccos.system.current-timestamp-ms', {
    title: 'The time, in Unix milliseconds',
    effects: ['clock'],
    input: '[:vector :never]',
    output: ':int',
    side: 'host',
  }),
  row('ccos.system.sleep', {
    title: 'Waits',
    effects: ['clock'],
    input: `[:tuple [:and :int [:>= 0] [:<= ${SLEEP_MS_MAX}]]]`,
    output: ':nil',
    side: 'host',
    timeoutMs: SLEEP_MS_MAX,
  }),
  row('ccos.system.random', {
    title: 'A random float in [0, 1)',
    effects: ['random'],
    input: '[:vector :never]',
    output: ':float',
    side: 'host',
    idempotent: false,
  }),
  row('ccos.system.random-int', {
    title: 'A random integer in [0, n)',
    effects: ['random'],
    input: '[:tuple [:and :int [:> 0]]]',
    output: ':int',
    side: 'host',
    idempotent: false,
  }),
  row('ccos.system.uuid', {
    title: 'A random UUID',
    effects: ['random'],
    input: '[:vector :never]',
    output: ':string',
    side: 'host',
    idempotent: false,
  }),
];
