/**
 * How each form breaks: how much of it stands on its first line, what stands in pairs, how wide it may be on one line. Forms that
 * are not in the table break like calls.
 */

/** What stands in the rows of a form behind its head. */
export type Rows = 'forms' | 'pairs' | 'clauses';

/** A form's row of the table. */
export interface FormStyle {
  /** How many forms stand on the first line behind the name; `function`, `step`, `catch` find that out. */
  readonly head: number | 'function' | 'step' | 'catch';
  readonly rows: Rows;
  /** What its first form holds: bindings in pairs, functions (`letfn`), or nothing special. */
  readonly binds: 'pairs' | 'functions' | null;
  /** The widest that it stays on one line, with one row and with several. */
  readonly one: number;
  readonly several: number;
}

/** The width of a line. */
export const WIDTH = 100;
/** Forms with a body are read top to bottom: they stay on one line when that is short. */
const SHORT = 72;
const SHORTER = 60;
const SHORTEST = 40;

const plain = { rows: 'forms', binds: null, one: SHORT, several: SHORTEST } as const;
const define: FormStyle = { ...plain, head: 1, one: WIDTH, several: SHORT };
const functions: FormStyle = { ...plain, head: 'function' };
const binding: FormStyle = { ...plain, head: 1, binds: 'pairs', one: SHORTER };
const guard: FormStyle = { ...plain, head: 1 };
const choice: FormStyle = { ...plain, head: 1, several: SHORT };
const whole: FormStyle = { ...plain, head: 0 };
const step: FormStyle = { ...plain, head: 'step' };
const table = (head: number, rows: Rows): FormStyle => ({ ...plain, head, rows, one: SHORTER, several: SHORTER });

const STYLES: Readonly<Record<string, FormStyle>> = {
  def: define,
  'set!': define,
  deftype: define,
  defn: functions,
  'defn-': functions,
  defmacro: functions,
  fn: functions,
  λ: functions,
  let: binding,
  loop: binding,
  for: binding,
  doseq: binding,
  dotimes: binding,
  'if-let': binding,
  'when-let': binding,
  'if-some': binding,
  'when-some': binding,
  'with-resource': binding,
  letfn: { ...binding, binds: 'functions' },
  if: choice,
  'if-not': choice,
  when: guard,
  'when-not': guard,
  while: guard,
  do: whole,
  comment: whole,
  try: { ...whole, one: SHORTER, several: SHORTER },
  finally: whole,
  catch: { ...guard, head: 'catch' },
  'as->': { ...plain, head: 2, one: SHORTER },
  cond: table(0, 'pairs'),
  condp: table(2, 'pairs'),
  case: table(1, 'pairs'),
  'cond->': table(1, 'pairs'),
  'cond->>': table(1, 'pairs'),
  match: table(1, 'clauses'),
  defstruct: table(1, 'pairs'),
  step,
  'step-if': step,
  'step-loop': step,
  'step-parallel': step,
  module: guard,
  resource: guard,
};

const THREADS: ReadonlySet<string> = new Set(['->', '->>', 'some->', 'some->>']);

/** The style of a form, undefined for what breaks like a call. */
export function styleOf(name: string): FormStyle | undefined {
  return Object.hasOwn(STYLES, name) ? STYLES[name] : undefined;
}

/** The widest that a call stays on one line. */
export function callWidth(name: string): number {
  return THREADS.has(name) ? SHORT : WIDTH;
}

/** The widest that a function, and a choice between two, stays on one line. */
export const FUNCTION_WIDTH = { one: SHORT, several: SHORTEST };
export const CHOICE_WIDTH = { one: SHORT, several: SHORT };

/** The widest that a map, and a vector of several bindings, stays on one line. */
export const MAP_WIDTH = 80;
export const BINDINGS_WIDTH = SHORTEST;
