/** What was typed or piped into `ccos repl`, taken apart: forms, and commands such as `:doc map`. */
import { format, read, type Form } from '@ccos/rtfs';
import { nearestName } from '../foundation/nearest.ts';
import type { Entry } from './repl-job.ts';
import { sourceError } from './source-error.ts';

/** The commands of the prompt, in the order of `:help`. */
export const REPL_COMMANDS = {
  ':help': { argument: '', help: 'this list' },
  ':doc': { argument: 'NAME', help: 'what a form, a function or a definition of yours is' },
  ':type': { argument: 'EXPR', help: 'the type of the value of an expression' },
  ':effects': { argument: 'EXPR', help: 'what an expression would call, without running it' },
  ':quit': { argument: '', help: 'leave; so does Ctrl-D' },
} as const;

export type ReplCommand = keyof typeof REPL_COMMANDS;

/** One thing to do: a form to evaluate, or a command with what stands behind it. */
export type Step =
  | { readonly kind: 'form'; readonly entry: Entry; readonly form: Form }
  | { readonly kind: 'command'; readonly name: ReplCommand; readonly rest: readonly Entry[] };

/** Codes of the reader that more text may cure. */
const OPEN = new Set(['Unclosed', 'UnclosedString', 'UnclosedComment']);

/** Whether the text stops inside a form, a string or a comment, and has nothing else wrong with it. */
export function isOpen(text: string): boolean {
  const wrong = read(text).diagnostics.filter(({ severity }) => severity === 'error');
  const end = text.trimEnd().length;
  return wrong.length > 0 && wrong.every(({ code, span }) => OPEN.has(code) || (code === 'Missing' && span.end >= end));
}

/** Takes a text apart. A command is its name at the beginning of a line, with the forms on that line. Throws what is wrong. */
export function stepsOf(text: string, file: string): Step[] {
  const { forms, diagnostics } = read(text, { file });
  const wrong = diagnostics.filter(({ severity }) => severity === 'error');
  if (wrong.length > 0) throw sourceError(wrong);
  const steps: Step[] = [];
  for (let i = 0; i < forms.length; i++) {
    const form = forms[i] as Form;
    const name = commandAt(text, form);
    if (name === null) {
      steps.push({ kind: 'form', entry: entryOf(text, file, form), form });
      continue;
    }
    const rest: Entry[] = [];
    while (forms[i + 1]?.span.line === form.span.line) rest.push(entryOf(text, file, forms[++i] as Form));
    steps.push({ kind: 'command', name, rest });
  }
  return steps;
}

function entryOf(text: string, file: string, form: Form): Entry {
  const { span } = form;
  const meta = 'meta' in form ? form.meta : undefined;
  if (meta === undefined) return { file, text: text.slice(span.start, span.end), line: span.line, column: span.column };
  // A form's span begins behind its metadata.
  const start = text.lastIndexOf('^', meta.span.start);
  const before = text.slice(0, start).split('\n');
  return { file, text: text.slice(start, span.end), line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function commandAt(text: string, { span }: Form): ReplCommand | null {
  const word = text.slice(span.start, span.end);
  return span.column === 1 && Object.hasOwn(REPL_COMMANDS, word) ? (word as ReplCommand) : null;
}

/** The command that a lone keyword was probably meant for, or null. */
export function commandMeant(entry: Entry): ReplCommand | null {
  if (!entry.text.startsWith(':') || entry.column !== 1) return null;
  return nearestName(entry.text, Object.keys(REPL_COMMANDS)) as ReplCommand | null;
}

/** Lines as one line of the history, where that means the same; else null. */
export function onOneLine(lines: readonly string[]): string | null {
  const joined = lines.map((line) => line.trim()).join(' ');
  const [one, several] = [format(joined), format(lines.join('\n'))];
  return one.ok && several.ok && one.text === several.text ? joined : null;
}
