/**
 * Steps (§12): their literal options, checked, and the forms `step step-if step-loop step-parallel parallel checkpoint`.
 */
import type { CollectionForm, Form } from '../reader/forms.ts';
import { similar } from '../reader/similar.ts';
import type { Json } from '../machine/types.ts';
import { toPlain } from '../values/plain.ts';
import { formToValue } from '../reader/data.ts';
import { Keyword } from '../values/kinds.ts';
import { constant, primitive } from './analyser.ts';
import type { Analyser, FormHandler } from './analyser.ts';
import { cast, castTo } from './annotations.ts';
import { declareDefinitions } from './definitions.ts';
import { effectLine } from './effects.ts';
import { definedIn, local } from './functions.ts';
import type { Node, StepNode, StepOptions, Variable } from './program.ts';
import { refuse, wrongShape } from './refusal.ts';
import { conditional, inner, siteOf } from './scope.ts';
import type { Place } from './scope.ts';

/** Options whose value is evaluated; the others are literals. */
const EVALUATED = new Set(['params', 'on-fail']);

const MERGES: Readonly<Record<string, StepOptions['merge']>> = {
  'keep-existing': 'keep-existing',
  'parent-wins': 'keep-existing',
  overwrite: 'overwrite',
  'child-wins': 'overwrite',
  merge: 'merge',
};

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  step: [
    'params',
    'expose-context',
    'context-keys',
    'isolation',
    'profile',
    'timeout-ms',
    'retries',
    'backoff-ms',
    'on-fail',
  ],
  'step-if': ['expose-context', 'context-keys', 'isolation', 'profile', 'timeout-ms', 'on-fail'],
  'step-loop': ['expose-context', 'context-keys', 'isolation', 'profile', 'timeout-ms', 'on-fail', 'max-iterations'],
  'step-parallel': [
    'expose-context',
    'context-keys',
    'isolation',
    'profile',
    'timeout-ms',
    'merge-policy',
    'merge_policy',
  ],
};

/** The options of a step as read: where the body begins and each option's form with its index. */
interface Read {
  readonly body: number;
  readonly given: ReadonlyMap<string, readonly [Form, number]>;
}

function readOptions(a: Analyser, form: CollectionForm, name: string, from: number): Read {
  const known = OPTIONS[name] as readonly string[];
  const given = new Map<string, readonly [Form, number]>();
  let i = from;
  for (; i + 1 < form.items.length; i += 2) {
    const key = form.items[i] as Form;
    if (key.t !== 'literal' || !(key.value instanceof Keyword)) break;
    const option = key.value.name;
    if (!known.includes(option)) {
      const near = similar(option, known);
      a.warn(
        'UnknownOption',
        `:${option} is no option of ${name}; the body begins here`,
        key.span,
        near.length === 0 ? undefined : `did you mean ${near.map((one) => `:${one}`).join(', ')}?`,
      );
      break;
    }
    given.set(option, [form.items[i + 1] as Form, i + 1]);
  }
  return { body: i, given };
}

function wrongOption(option: string, form: Form, expected: string): never {
  return refuse('SyntaxError', `:${option}: wrong value; expected ${expected}`, form.span);
}

/** The literal value of an option as JSON. */
function literal(option: string, form: Form): Json {
  const isLiteral = (one: Form): boolean =>
    one.t === 'literal' || ((one.t === 'vector' || one.t === 'map' || one.t === 'set') && one.items.every(isLiteral));
  if (!isLiteral(form)) wrongOption(option, form, 'a literal');
  return toPlain(formToValue(form)) as Json;
}

function whole(option: string, form: Form, [min, max]: readonly [number, number]): number {
  const value = form.t === 'literal' ? form.value : null;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    wrongOption(option, form, `an int from ${min} to ${max}`);
  }
  return value;
}

function word(option: string, form: Form, words: readonly string[]): string {
  const value = form.t === 'literal' ? form.value : null;
  const name = (value instanceof Keyword ? value.name : typeof value === 'string' ? value : '').replaceAll('_', '-');
  if (!words.includes(name)) wrongOption(option, form, words.map((one) => `:${one}`).join(', '));
  return name;
}

function texts(option: string, form: Form): readonly string[] {
  const items = form.t === 'vector' ? form.items : [];
  const values = items.flatMap((item) => (item.t === 'literal' && typeof item.value === 'string' ? [item.value] : []));
  if (form.t !== 'vector' || values.length !== items.length) wrongOption(option, form, 'a vector of strings');
  return values;
}

function flag(option: string, form: Form): boolean {
  if (form.t !== 'literal' || typeof form.value !== 'boolean') wrongOption(option, form, 'true or false');
  return form.value;
}

/** The literal options (R12.2–R12.8, R12.16), checked. */
function checkOptions(given: Read['given']): StepOptions {
  const get = <T>(option: string, read: (option: string, form: Form) => T): T | null => {
    const found = given.get(option);
    return found === undefined ? null : read(option, found[0]);
  };
  const merge =
    get('merge-policy', (o, f) => word(o, f, Object.keys(MERGES))) ??
    get('merge_policy', (o, f) => word(o, f, Object.keys(MERGES)));
  get('profile', (option, form) => {
    const isKeyword = form.t === 'literal' && form.value instanceof Keyword;
    if (!isKeyword && form.t !== 'map') wrongOption(option, form, 'a keyword or a map of limits');
  });
  const json: Record<string, Json> = {};
  for (const [option, [form]] of given) if (!EVALUATED.has(option)) json[option] = literal(option, form);
  return {
    expose: get('expose-context', flag),
    contextKeys: get('context-keys', texts),
    isolation: get('isolation', (o, f) => word(o, f, ['inherit', 'isolated', 'sandboxed'])) as StepOptions['isolation'],
    timeoutMs: get('timeout-ms', (o, f) => whole(o, f, [1, 86_400_000])),
    retries: get('retries', (o, f) => whole(o, f, [0, 100])) ?? 0,
    backoffMs: get('backoff-ms', (o, f) => whole(o, f, [0, 600_000])) ?? 0,
    merge: MERGES[merge ?? 'keep-existing'] as StepOptions['merge'],
    json,
  };
}

interface StepParts {
  readonly name: string;
  readonly form: CollectionForm;
  readonly read: Read;
  readonly place: Place;
  readonly params?: { readonly variable: Variable; readonly value: Node };
  readonly body: Node;
}

/** The node of one step and its row for admission (R11.5). */
function stepNode(a: Analyser, { name, form, read, place, params, body }: StepParts): StepNode {
  const options = checkOptions(read.given);
  const site = siteOf(place.path);
  place.func.facts.yields = true;
  a.steps.push({ name, site, options: options.json, span: form.span });
  return {
    t: 'step',
    name,
    options,
    params: params?.variable ?? null,
    paramsValue: params?.value ?? null,
    onFail: onFail(a, read, place),
    body,
    site,
    span: form.span,
  };
}

function onFail(a: Analyser, { given }: Read, place: Place): 'fail' | 'continue' | Node {
  const found = given.get('on-fail');
  if (found === undefined) return 'fail';
  const [form, index] = found;
  if (
    form.t === 'literal' &&
    form.value instanceof Keyword &&
    (form.value.name === 'fail' || form.value.name === 'continue')
  ) {
    return form.value.name;
  }
  const handler = a.node(form, inner(place, index));
  a.apply(handler, [], form.span, place);
  return handler;
}

/** The body of a step: no scope of its own (R4.4), no tail position, and `recur` may not leave it (R5.10). */
function inside(place: Place): Place {
  return { ...conditional(place), tail: false, barrier: 'a step' };
}

/** A body that runs exactly once if nothing fails is unconditional: what it defines is defined afterwards. */
function once(place: Place): Place {
  return { ...place, tail: false, barrier: 'a step' };
}

/** `(step "name" opt* body*)` (R12.10), and with a keyword first a log line (R11.8). */
export const stepForm: FormHandler = (a, form, place) => {
  const name = form.items[1];
  if (name?.t === 'literal' && name.value instanceof Keyword) return effectLine(a, 'log-step', form, place);
  if (name?.t !== 'literal' || typeof name.value !== 'string') {
    wrongShape('step', 'the name is no string literal', '(step "name" option* body*)', form.span);
  }
  const read = readOptions(a, form, 'step', 2);
  const given = read.given.get('params');
  let at = once(place);
  if (read.given.get('on-fail') !== undefined) at = inside(place);
  if (given === undefined) {
    return stepNode(a, { name: name.value, form, read, place, body: a.body(form.items, read.body, at, form.span) });
  }
  if (given[0].t !== 'map') wrongOption('params', given[0], 'a map');
  const value = a.node(given[0], inner(place, given[1]));
  const bodyPlace = a.openTransparent(at);
  const variable = a.declare('%params', bodyPlace);
  variable.assignments = 1;
  const body = a.body(form.items, read.body, bodyPlace, form.span);
  return stepNode(a, { name: name.value, form, read, place, body, params: { variable, value } });
};

/** `(step-if opt* c t e?)` (R12.11). */
export const stepIfForm: FormHandler = (a, form, place) => {
  const read = readOptions(a, form, 'step-if', 1);
  const parts = form.items.length - read.body;
  if (parts < 2 || parts > 3)
    wrongShape('step-if', `it has ${parts} parts`, '(step-if option* test then else?)', form.span);
  const at = inside(place);
  const test = primitive('%step-true', [a.node(form.items[read.body] as Form, inner(at, read.body))], form.span);
  const then = a.node(form.items[read.body + 1] as Form, inner(at, read.body + 1));
  const last = form.items[read.body + 2];
  const otherwise = last === undefined ? constant(null, form.span) : a.node(last, inner(at, read.body + 2));
  const body: Node = { t: 'if', test, then, else: otherwise, span: form.span };
  return stepNode(a, { name: 'step-if', form, read, place, body });
};

/** `(step-loop opt* c body)` (R12.12). */
export const stepLoopForm: FormHandler = (a, form, place) => {
  const read = readOptions(a, form, 'step-loop', 1);
  const parts = form.items.length - read.body;
  if (parts !== 2) wrongShape('step-loop', `it has ${parts} parts`, '(step-loop option* test body)', form.span);
  const most = read.given.get('max-iterations');
  const at = inside(place);
  const { span } = form;
  const last = a.variable('', place);
  last.assignments = 2;
  const test = primitive('%step-true', [a.node(form.items[read.body] as Form, inner(at, read.body))], span);
  const body = a.bind(last, a.node(form.items[read.body + 1] as Form, inner(at, read.body + 1)), 'nil', span);
  place.func.facts.loops = true;
  const loop: Node = {
    t: 'while',
    test,
    body,
    metered: true,
    span,
    most: most === undefined ? 10_000 : whole('max-iterations', most[0], [1, 1_000_000]),
  };
  const all: Node[] = [a.bind(last, constant(null, span), 'nil', span), loop, local(last, span)];
  const scope: Node = { t: 'scope', variables: [last], body: { t: 'do', body: all, span }, span };
  return stepNode(a, { name: 'step-loop', form, read, place, body: scope });
};

/** One branch: a scope and a branch of its own, so that what it defines stays inside (R5.22). */
function branch(a: Analyser, make: (at: Place) => Node, place: Place): Node {
  const at = a.open(
    { ...conditional(place), tail: false, target: null, clause: null, barrier: 'a branch' },
    { parent: place.scope.branch },
  );
  const body = make(at);
  const variables = definedIn(at.scope);
  return variables.length === 0 ? body : { t: 'scope', variables, body, span: body.span };
}

/** `(step-parallel opt* e+)` (R12.13). */
export const stepParallelForm: FormHandler = (a, form, place) => {
  const read = readOptions(a, form, 'step-parallel', 1);
  if (form.items.length === read.body)
    wrongShape('step-parallel', 'it has no branch', '(step-parallel option* branch+)', form.span);
  place.func.facts.yields = true;
  a.hasParallel = true;
  const branches = form.items.slice(read.body).map((item, i) =>
    branch(
      a,
      (at) => {
        declareDefinitions(a, [item], 0, at);
        return a.node(item, inner(at, read.body + i));
      },
      place,
    ),
  );
  const options = checkOptions(read.given);
  const site = siteOf(place.path);
  a.steps.push({ name: 'step-parallel', site, options: options.json, span: form.span });
  return { t: 'parallel', names: null, branches, options, site, span: form.span };
};

/** `(parallel [s T? e] …)` (R5.22). */
export const parallelForm: FormHandler = (a, form, place) => {
  const shape = '(parallel [name e] …)';
  place.func.facts.yields = true;
  a.hasParallel = true;
  const names: string[] = [];
  const branches = form.items.slice(1).map((item, i) => {
    const name = item.t === 'vector' ? item.items[0] : undefined;
    if (item.t !== 'vector' || name?.t !== 'symbol') wrongShape('parallel', 'a branch has no name', shape, item.span);
    const annotated = item.items[1]?.t === 'annotation' || item.items.length === 3;
    const type = item.items[1]?.t === 'annotation' ? item.items[1].type : (item.items[1] as Form);
    const index = annotated ? 2 : 1;
    const value = item.items[index];
    if (value === undefined || item.items.length !== index + 1)
      wrongShape('parallel', 'a branch wants one value', shape, item.span);
    names.push(name.name);
    return branch(
      a,
      (at) => {
        declareDefinitions(a, [value], 0, at);
        return cast(a.node(value, inner(inner(at, i + 1), index)), annotated ? castTo(a, type, name.name) : null);
      },
      place,
    );
  });
  return { t: 'parallel', names, branches, options: null, site: siteOf(place.path), span: form.span };
};

/** `(checkpoint "label"? e?)` (R12.17). */
export const checkpointForm: FormHandler = (a, form, place) => {
  const first = form.items[1];
  const label = first?.t === 'literal' && typeof first.value === 'string' ? first.value : null;
  const at = label === null ? 1 : 2;
  if (form.items.length > at + 1)
    wrongShape('checkpoint', 'it has too many parts', '(checkpoint "label"? value?)', form.span);
  place.func.facts.yields = true;
  const value =
    form.items[at] === undefined ? constant(null, form.span) : a.node(form.items[at] as Form, inner(place, at));
  return { t: 'checkpoint', label, value, site: siteOf(place.path), span: form.span };
};
