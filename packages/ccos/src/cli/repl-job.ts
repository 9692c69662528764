/**
 * What the process of `ccos repl` does with one form. A session is one program that grows: each form is compiled and run behind
 * the forms that were kept, so it means what it would mean in a plan that has them all. Nothing may be called, so running them
 * again changes nothing in the world and gives the same (R13.2).
 */
import { compile, encode, Keyword, PMap, print, read, start, toPlain } from '@ccos/rtfs';
import type { Diagnostic, Effects, Form, Outcome, Reply, Request } from '@ccos/rtfs';
import { languageNames } from '@ccos/rtfs/internal';
import { CcosError, type ErrorCode, type ErrorParts } from '../foundation/errors.ts';
import { AnsweredErrors, outwardError } from '../microvm/outward.ts';
import { defines, hasState, nameOf, reachable, valueForm } from './repl-forms.ts';
import { sourceError } from './source-error.ts';

/** A top-level form: its text, the name of the text that it stands in, and where it begins there. */
export interface Entry {
  readonly file: string;
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** A form that belongs to the session, read. */
export interface Kept {
  readonly entry: Entry;
  readonly form: Form;
  readonly hasState: boolean;
}

/**
 * What the process is asked of a form. `added` is what was kept since the last job, or all of it for a new process; `deadline` is
 * Unix milliseconds, `timeoutMs` what the user gave.
 */
export interface ReplJob {
  readonly kind: 'evaluate' | 'type' | 'effects';
  readonly added: readonly Entry[];
  readonly entry: Entry;
  readonly fuel: number;
  readonly deadline: number;
  readonly timeoutMs: number;
  readonly memoryBytes: number;
}

/** A question for all names of the language. */
export interface ReplQuestion {
  readonly kind: 'names';
}

/** What it answers to a form. */
export type ReplAnswer =
  | {
      /** The value as RTFS, the name of its type, or the effects, as lines. */
      readonly text: string;
      /** What of the form belongs to the session from now on: nothing, the form, or a definition of the value it had. */
      readonly keep: Entry | null;
      readonly warnings: readonly string[];
    }
  | { readonly code: ErrorCode; readonly message: string; readonly parts: ErrorParts };

/** Values longer than this are computed again instead of being kept as text. */
const KEPT_VALUE_MAX = 256 * 1024;

/** Every name that a form can use without defining it. */
export function allNames(): readonly string[] {
  return (['form', 'function', 'effect'] as const).flatMap(languageNames);
}

/** A kept form, as jobs want it. */
export function readKept(entry: Entry): Kept {
  const form = formOf(entry);
  return { entry, form, hasState: hasState(form) };
}

/** A form and what it stands behind. */
interface Work {
  readonly job: ReplJob;
  readonly form: Form;
  readonly kept: readonly Kept[];
}

/** Does a job behind the forms that were kept. */
export function answerReplJob(job: ReplJob, kept: readonly Kept[]): ReplAnswer {
  const work: Work = { job, form: formOf(job.entry), kept };
  try {
    return job.kind === 'effects' ? effectsIn(work) : evaluate(work);
  } catch (thrown) {
    if (!(thrown instanceof CcosError)) throw thrown;
    const { code, message, span, hint, details, exit } = thrown;
    const excerpt = span === undefined ? undefined : excerptOf(work, span);
    return {
      code,
      message,
      parts: { span, hint, details: excerpt === undefined ? details : { ...details, excerpt }, exit },
    };
  }
}

/** The text of an entry at the place where it stands in its file. */
function placed({ text, line, column }: Entry): string {
  return '\n'.repeat(line - 1) + ' '.repeat(column - 1) + text;
}

function formOf(entry: Entry): Form {
  const { forms, diagnostics } = read(placed(entry), { file: entry.file });
  const wrong = diagnostics.filter(({ severity }) => severity === 'error');
  if (wrong.length > 0) throw sourceError(wrong);
  return forms[0] as Form;
}

/** Forms compiled together. Throws what is wrong with them. */
function compiled(work: Work, forms: readonly Form[]): Extract<ReturnType<typeof compile>, { ok: true }> {
  const result = compile(forms, { file: work.job.entry.file });
  if (result.ok) return result;
  const wrong = result.diagnostics.filter(({ severity }) => severity === 'error');
  throw sourceError(wrong.map((one) => ({ ...one, excerpt: excerptOf(work, one.span) ?? '' })));
}

/** The line that a place is in, by the name of its text. */
function excerptOf({ job, kept }: Work, span: { readonly file?: string; readonly line: number }): string | undefined {
  const holds = ({ file, line, text }: Entry): boolean =>
    file === span.file && span.line >= line && span.line <= line + text.split('\n').length - 1;
  const entry = holds(job.entry) ? job.entry : kept.find((one) => holds(one.entry))?.entry;
  return entry === undefined ? undefined : placed(entry).split('\n')[span.line - 1];
}

function evaluate(work: Work): ReplAnswer {
  const { job, form } = work;
  const kept = work.kept.map((one) => one.form);
  // Where anything may change state, all that ran is part of what the session is; else a form needs what it can reach.
  const isStateful = hasState(form) || work.kept.some((one) => one.hasState);
  const own = job.kind === 'type' ? [valueForm(form, 'type-name')] : valueForms(form);
  const { program, diagnostics } = compiled(work, [...(isStateful ? kept : reachable(kept, form)), ...own]);
  const answered = new AnsweredErrors();
  const machine = start(program, {
    fuel: job.fuel,
    limits: { memoryBytes: job.memoryBytes, deadlineMs: job.timeoutMs },
    shouldStop: () => (Date.now() >= job.deadline ? 'deadline' : null),
  });
  let turn = machine.next();
  while (turn.kind === 'yield') turn = machine.next(turn.requests.flatMap((request) => replyTo(request, answered)));
  const text = textOf(turn.outcome, { answered, isText: own.at(-1) !== form });
  const warnings = warningsOf(job, diagnostics);
  if (job.kind === 'type') return { text, keep: null, warnings };
  if (isStateful) return { text, keep: job.entry, warnings };
  return { text, keep: defines(form) ? asValue(job.entry, form, text) : null, warnings };
}

/** The form, and what gives its value as text: a definition stands at the top level, anything else within `pr-str`. */
function valueForms(form: Form): Form[] {
  const name = nameOf(form);
  if (name === null) return [valueForm(form, 'pr-str')];
  return name === '' ? [form] : [form, valueForm({ t: 'symbol', name, span: form.span }, 'pr-str')];
}

/** A definition by the value that it has, where that can be written: it is not computed again. */
function asValue(entry: Entry, form: Form, text: string): Entry {
  const [head, name] = form.t === 'list' ? form.items : [];
  if (head?.t !== 'symbol' || head.name !== 'def' || name?.t !== 'symbol' || text.length > KEPT_VALUE_MAX) return entry;
  const { forms, diagnostics } = read(text);
  if (forms.length !== 1 || diagnostics.length > 0) return entry;
  return { ...entry, text: `(def ${name.name} '${text})` };
}

/** Nothing may be called here; context has no values, a pause and a checkpoint have nobody to serve. */
function replyTo(request: Request, answered: AnsweredErrors): Reply[] {
  const { seq } = request;
  if (request.kind === 'context' || request.kind === 'pause' || request.kind === 'checkpoint')
    return [{ seq, ok: null }];
  if (request.kind !== 'call') return [];
  const { id } = request;
  const error = {
    kind: 'SecurityViolation',
    message: `Security violation: level pure refuses the call of ${id}`,
    data: PMap.of([
      [Keyword.of('code'), 'SECURITY_VIOLATION'],
      [Keyword.of('hint'), `nothing is called at the prompt; write it into a plan: ccos run PLAN --allow ${id}`],
    ]),
  };
  answered.add(error);
  return [{ seq, error }];
}

/** What raises a limit, or says why there was one. */
const HINTS: Partial<Record<ErrorCode, string>> = {
  LIMIT_TIME: 'a longer --timeout',
  LIMIT_MEMORY: 'a larger --memory',
};

/** The value of a run as text; `isText` says that the program has made it one. Throws the error that ended the run. */
function textOf(outcome: Outcome, { answered, isText }: { answered: AnsweredErrors; isText: boolean }): string {
  if (outcome.status === 'completed') return isText ? String(outcome.value) : print(outcome.value);
  if (outcome.status === 'cancelled') throw new CcosError('CANCELLED', 'Interrupted');
  if (outcome.status === 'suspended') throw new CcosError('INTERNAL', 'Cannot finish the form: it is suspended');
  const { kind, message, data, span, hint } = outcome.error;
  const frame = { kind, message, data: encode(data), ...(span === null ? {} : { span }) };
  const error = outwardError(frame, answered);
  throw new CcosError(error.code, error.message, {
    span: error.span,
    hint: hint ?? error.hint ?? HINTS[error.code],
    details: { kind, ...(data === null ? {} : { data: toPlain(data) }) },
  });
}

function warningsOf(job: ReplJob, diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics
    .filter(({ span }) => span.file === job.entry.file)
    .map(
      ({ message, span, hint }) => `${span.line}:${span.column}: ${message}${hint === undefined ? '' : `; ${hint}`}`,
    );
}

/** What a form would do, with the definitions that it can reach; nothing runs. */
function effectsIn(work: Work): ReplAnswer {
  const { job, form, kept } = work;
  const needed = reachable(
    kept.map((one) => one.form),
    form,
  );
  const { program, diagnostics } = compiled(work, [...needed, form]);
  return { text: effectLines(program.effects).join('\n'), keep: null, warnings: warningsOf(job, diagnostics) };
}

function effectLines({ calls, steps, contextKeys, stateful, pure }: Effects): string[] {
  const at = ({ file, line, column }: Diagnostic['span']): string => `${file ?? ''}:${line}:${column}`;
  const lines = [
    ...calls.map(({ id, span }) => `calls ${id ?? '(an id that is computed)'}  at ${at(span)}`),
    ...steps.map(({ name, span }) => `step ${JSON.stringify(name)}  at ${at(span)}`),
    ...(contextKeys.length === 0 ? [] : [`reads the context: ${contextKeys.join(' ')}`]),
    ...(stateful ? ['changes state of its own: atoms or variables'] : []),
  ];
  if (lines.length > 0) return lines;
  return [pure ? 'pure: it calls nothing' : 'yields to its host'];
}
