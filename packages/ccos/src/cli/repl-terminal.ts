/** `ccos repl` at a terminal: lines become forms, with history, completion, and Ctrl-C for what runs. */
import process from 'node:process';
import { clearScreenDown, createInterface, cursorTo, type Interface } from 'node:readline';
import { asCcosError } from '../foundation/errors.ts';
import type { Output } from './output.ts';
import type { Talk } from './repl.ts';
import { HISTORY_MAX, historyPath, readHistory, writeHistory } from './repl-history.ts';
import { isOpen, onOneLine, REPL_COMMANDS } from './repl-input.ts';
import { VERSION } from './version.ts';

const PROMPT = 'rtfs> ';
const MORE = '  ... ';

/** Talks until Ctrl-D or `:quit`; resolves to the exit code. */
export function terminal(talk: Talk, output: Output): Promise<number> {
  return new Terminal(talk, output).run();
}

class Terminal {
  readonly #talk: Talk;
  readonly #output: Output;
  readonly #path = historyPath();
  readonly #readline: Interface;
  /** Lines, newest first; the array is readline's own once a line was entered. */
  #history: string[];
  /** Lines that wait, for whoever types or pastes while something runs. */
  readonly #waiting: string[] = [];
  /** The lines of a form that is still open. */
  #open: string[] = [];
  #inputs = 0;
  /** False once the history could not be written: that is told once. */
  #isKept = true;
  #isBusy = false;
  #hasLeft = false;

  constructor(talk: Talk, output: Output) {
    this.#talk = talk;
    talk.beforeAnswer = () => this.#clear();
    this.#output = output;
    this.#history = readHistory(this.#path, (why) => output.note(why));
    this.#readline = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      prompt: PROMPT,
      history: [...this.#history],
      historySize: HISTORY_MAX,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: Error | null, found: [string[], string]) => void) => {
        this.#complete(line).then(
          (found) => done(null, found),
          () => done(null, [[], line]),
        );
      },
    });
  }

  run(): Promise<number> {
    this.#output.note(`ccos ${VERSION}: RTFS, pure and unrecorded. :help says more, Ctrl-D leaves.`);
    return new Promise((resolve) => {
      const readline = this.#readline;
      readline.on('history', (lines: string[]) => {
        this.#history = lines;
      });
      readline.on('line', (line) => {
        this.#waiting.push(line);
        void this.#work();
      });
      readline.on('SIGINT', () => this.#interrupt());
      readline.on('close', () => {
        this.#hasLeft = true;
        this.#talk.session.interrupt();
        this.#output.line('');
        resolve(0);
      });
      readline.prompt();
      // Completion is ready when it is wanted, and the language loaded before the first form.
      this.#talk.names().catch(() => undefined);
    });
  }

  #interrupt(): void {
    this.#waiting.length = 0;
    if (this.#talk.session.interrupt()) return;
    const isEmpty = this.#open.length === 0 && this.#readline.line === '';
    this.#open = [];
    this.#output.line(isEmpty ? '\n(Ctrl-D leaves)' : '');
    // What was typed on the line goes too.
    this.#readline.write(null, { ctrl: true, name: 'e' });
    this.#readline.write(null, { ctrl: true, name: 'u' });
    this.#ask();
  }

  #ask(): void {
    if (this.#hasLeft) return;
    this.#readline.setPrompt(this.#open.length === 0 ? PROMPT : MORE);
    // What was typed meanwhile stays, and the cursor behind it.
    this.#readline.prompt(true);
  }

  /** Does what the waiting lines say, one after the other. */
  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let line = this.#waiting.shift(); line !== undefined && !this.#hasLeft; line = this.#waiting.shift()) {
      this.#open.push(line);
      if (!isOpen(this.#open.join('\n'))) await this.#input(this.#open.splice(0));
    }
    this.#isBusy = false;
    this.#ask();
  }

  async #input(lines: readonly string[]): Promise<void> {
    if (lines.every((line) => line.trim() === '')) return;
    this.#join(lines);
    try {
      if (await this.#talk.all(lines.join('\n'), `input-${++this.#inputs}`)) this.#readline.close();
    } catch (error) {
      this.#clear();
      this.#output.error(asCcosError(error));
    }
    await this.#keep();
  }

  /** Takes what is being typed off the screen, where something else is about to be printed; the next prompt shows it again. */
  #clear(): void {
    if (this.#readline.line === '') return;
    cursorTo(process.stdout, 0);
    clearScreenDown(process.stdout);
  }

  /** A form of several lines becomes one entry of the history. */
  #join(lines: readonly string[]): void {
    const joined = lines.length > 1 ? onOneLine(lines) : null;
    if (joined === null) return;
    for (const line of lines) {
      const at = this.#history.indexOf(line);
      if (at >= 0) this.#history.splice(at, 1);
    }
    this.#history.unshift(joined);
  }

  async #keep(): Promise<void> {
    if (!this.#isKept) return;
    try {
      await writeHistory(this.#path, this.#history);
    } catch (error) {
      this.#isKept = false;
      this.#output.note(`the history is not kept: ${asCcosError(error).message}`);
    }
  }

  async #complete(line: string): Promise<[string[], string]> {
    const word = /[^\s,()[\]{}"';`~@^]*$/.exec(line)?.[0] ?? '';
    const isCommand = word === line && word.startsWith(':') && this.#open.length === 0;
    const known = isCommand ? Object.keys(REPL_COMMANDS) : [...this.#talk.own.keys(), ...(await this.#talk.names())];
    const found = new Set(word === '' ? [] : known.filter((name) => name.startsWith(word)));
    return [[...found].toSorted(), word];
  }
}
