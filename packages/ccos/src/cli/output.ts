/**
 * The one place that prints. Results go to stdout, everything else to stderr; a reader that went away (`ccos log | head`) ends
 * the printing, not the command, for a run that has begun must still write its record.
 */
import type { CcosError } from '../foundation/errors.ts';
import { renderError, renderWarning } from './render-error.ts';

/** The parts of a Node stream that printing needs. */
export interface Sink {
  write(text: string | Uint8Array): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** How a command prints. `json` and `quiet` are the options of the same name. */
export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Where a command prints: the process itself, whose streams are opened when they are first asked for. */
export interface Streams {
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/** Stdout and stderr of one command. */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly #streams: Streams;
  #out: Sink | null = null;
  #err: Sink | null = null;
  #closed = false;

  constructor(options: OutputOptions, streams: Streams) {
    this.json = options.json;
    this.quiet = options.quiet;
    this.#streams = streams;
  }

  /** Stderr. */
  get err(): Sink {
    if (this.#err === null) {
      this.#err = this.#streams.stderr;
      this.#err.on('error', () => {});
    }
    return this.#err;
  }

  #stdout(): Sink {
    if (this.#out === null) {
      this.#out = this.#streams.stdout;
      // Without a listener a broken pipe would end the process in the middle of what it does.
      this.#out.on('error', () => {
        this.#closed = true;
      });
    }
    return this.#out;
  }

  /** True when nobody reads stdout any more: a command that only prints may stop. */
  get closed(): boolean {
    return this.#closed;
  }

  /** A line, or several, on stdout. */
  line(text: string): void {
    this.text(`${text}\n`);
  }
  /** Text, or bytes, on stdout as they are. */
  text(text: string | Uint8Array): void {
    if (!this.#closed) this.#stdout().write(text);
  }
  /** The one JSON document of `--json`. */
  document(document: unknown): void {
    this.line(JSON.stringify(document, null, 2));
  }
  /** A line on stderr that `--quiet` leaves out. */
  note(text: string): void {
    if (!this.quiet) this.err.write(`${text}\n`);
  }
  /** A warning of E8 on stderr, also with `--quiet`. */
  warning(code: string, text: string): void {
    this.err.write(`warning ${code}: ${text}\n`);
  }
  /** A warning of the language with its place, excerpt and hint (R1.37), on stderr, also with `--quiet`. */
  warningAt(warning: Parameters<typeof renderWarning>[0]): void {
    this.err.write(renderWarning(warning));
  }
  /** An error on stderr, with its place, excerpt and remedy (R1.37). */
  error(error: CcosError): void {
    this.err.write(renderError(error));
  }
}
