/**
 * `ccos repl`: evaluates forms one after the other, at a terminal with history and completion, from a pipe without. Pure and
 * unrecorded: nothing that is typed here can call anything.
 */
import process from 'node:process';
import { CcosError, asCcosError } from '../foundation/errors.ts';
import { LIMITS } from '../model/limits.ts';
import { explained } from './doc.ts';
import type { Invocation, Run } from './invocation.ts';
import type { Output } from './output.ts';
import { readPlan } from './plan-options.ts';
import { planText } from '../governance/plan-text.ts';
import { commandMeant, REPL_COMMANDS, stepsOf, type Step } from './repl-input.ts';
import { definitionsOf, type OwnDefinition } from './repl-own.ts';
import { visible } from '../foundation/controls.ts';
import { ReplSession } from './repl-session.ts';
import { terminal } from './repl-terminal.ts';

/** Longer values are cut: a terminal is no file. */
const SHOWN_MAX = 10_000;

/** Reads, evaluates and prints until the input ends. From a pipe the first error ends it, with that error's exit code. */
export const repl: Run = async ({ options, output }) => {
  if (output.json)
    throw new CcosError('USAGE', 'ccos repl prints values one by one, not one document', {
      hint: 'ccos eval EXPR --json',
    });
  const session = new ReplSession({
    timeoutMs: options.timeout ?? LIMITS.timeoutMs.default,
    memoryMb: options.memory ?? LIMITS.memoryMb.default,
  });
  const talk = new Talk(session, output);
  try {
    if (process.stdin.isTTY && process.stdout.isTTY) return await terminal(talk, output);
    return await piped(talk, output);
  } finally {
    await session.close();
  }
};

async function piped(talk: Talk, output: Output): Promise<number> {
  try {
    await talk.all(planText(readPlan('-').source), 'stdin');
    return 0;
  } catch (thrown) {
    const error = asCcosError(thrown);
    output.error(error);
    return error.exit;
  }
}

/** What is said and answered: forms and commands go in, values and texts come out. */
export class Talk {
  readonly session: ReplSession;
  readonly own = new Map<string, OwnDefinition>();
  /** Called before anything is printed. */
  beforeAnswer: () => void = () => undefined;
  readonly #output: Output;
  #names: Promise<readonly string[]> | null = null;

  constructor(session: ReplSession, output: Invocation['output']) {
    this.session = session;
    this.#output = output;
  }

  /** The names of the language, asked until they are known. */
  async names(): Promise<readonly string[]> {
    this.#names ??= this.session.names().catch((error: unknown) => {
      this.#names = null;
      throw error;
    });
    return this.#names;
  }

  /** Does everything that a text says, in order; true when it says `:quit`. Throws the first error, which ends it. */
  async all(text: string, file: string): Promise<boolean> {
    for (const step of stepsOf(text, file)) {
      if (step.kind === 'form') await this.#evaluate(step);
      else if (step.name === ':quit') return true;
      else await this.#command(step);
    }
    return false;
  }

  async #evaluate({ entry, form }: Extract<Step, { kind: 'form' }>): Promise<void> {
    const { text, warnings } = await this.session.evaluate(entry);
    this.#warn(entry.file, warnings);
    this.#show(text);
    for (const [name, definition] of definitionsOf(form, entry)) this.own.set(name, definition);
    const meant = commandMeant(entry);
    if (meant !== null) this.#output.note(`did you mean the command ${meant}?`);
  }

  #show(text: string): void {
    const more = text.length - SHOWN_MAX;
    this.#say(more <= 0 ? text : `${text.slice(0, SHOWN_MAX)}… (${more.toLocaleString('en-US')} characters more)`);
  }

  /** Prints lines; what they quote of a text must not move the cursor. */
  #say(text: string): void {
    this.beforeAnswer();
    this.#output.line(visible(text));
  }

  #warn(file: string, warnings: readonly string[]): void {
    if (warnings.length > 0) this.beforeAnswer();
    for (const warning of warnings) this.#output.note(visible(`warning: ${file}:${warning}`));
  }

  async #command({ name, rest }: Extract<Step, { kind: 'command' }>): Promise<void> {
    const { argument } = REPL_COMMANDS[name];
    const [entry, more] = rest;
    if (name === ':help') {
      this.#output.text(HELP);
      return;
    }
    if (entry === undefined || more !== undefined)
      throw new CcosError('USAGE', `${name} takes one ${argument === 'NAME' ? 'name' : 'expression'}`, {
        hint: `${name} ${argument}`,
      });
    if (name === ':doc') this.#say(this.#doc(entry.text));
    else {
      const { text, warnings } = await this.session.ask(name === ':type' ? 'type' : 'effects', entry);
      this.#warn(entry.file, warnings);
      this.#say(text);
    }
  }

  /** Own definitions go before those of the language, as they do in a form. */
  #doc(name: string): string {
    const own = this.own.get(name);
    if (own === undefined) return explained(name).trimEnd();
    return [...own.signatures, '', ...(own.doc === null ? [] : [own.doc, '']), 'defined in this session'].join('\n');
  }
}

const WIDEST = 16;
const HELP = [
  'A form is evaluated as soon as its brackets close; what it defines stays.',
  ...Object.entries(REPL_COMMANDS).map(
    ([name, { argument, help }]) => `  ${`${name} ${argument}`.padEnd(WIDEST)}  ${help}`,
  ),
  `  ${'Tab'.padEnd(WIDEST)}  complete a name; Up and Down: what was typed before`,
  `  ${'Ctrl-C'.padEnd(WIDEST)}  end what runs, or drop what is being typed`,
  '',
].join('\n');
