/** What a command gets: its operands and options, where to print, and a signal for Ctrl-C. */
import type { Output } from './output.ts';
import type { Options } from './table.ts';

/** One invocation of a command. */
export interface Invocation {
  readonly operands: readonly string[];
  readonly options: Options;
  readonly output: Output;
  /**
   * From this call on, Ctrl-C aborts the signal instead of ending the process, so that a command can end what it began; a second
   * Ctrl-C ends it at once (exit 130).
   */
  interruptible(): AbortSignal;
}

/** A command: resolves to its exit code, or throws a `CcosError`, which is printed and decides the exit code (E1.4). */
export type Run = (invocation: Invocation) => Promise<number>;
