/**
 * Loads the commands from V8's compiled code, made when they were built: most of a short command's time would else be compiling
 * its own program. The files bear the hash of the text in their name, for V8 compares a text with its code by length alone.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { wrapped } from '../guest/wrapped.ts';
import type { answerJobOfProcess, main } from './main.ts';

/** `commands-<hash>`: how the names of the files beside the entry begin. The build writes it here. */
declare const COMMANDS_NAME: string;

/** Whose functions the compiled code holds: all of it is loaded at once, and `eval` needs half of what a run needs. */
export const COMPILED_FOR = ['eval', 'run'] as const;
export type CompiledFor = (typeof COMPILED_FOR)[number];

/** What the commands' file exports. */
export interface Commands {
  readonly main: typeof main;
  readonly answerJobOfProcess: typeof answerJobOfProcess;
}

/** Loads them. Compiled code that is missing, or of another Node, costs only the time that it would have saved. */
export function loadCommands(use: CompiledFor): Commands {
  const file = join(__dirname, `${COMMANDS_NAME}.cjs`);
  // The build leaves ASCII alone in this file, which is read fastest so.
  const text = wrapped(readFileSync(file, 'latin1'));
  const script = new Script(text, { filename: file, cachedData: compiledCode(use) });
  const module = { exports: {} };
  const load = script.runInThisContext() as (...args: readonly unknown[]) => void;
  load(module.exports, createRequire(file), module, file, __dirname);
  return module.exports as Commands;
}

function compiledCode(use: CompiledFor): Buffer | undefined {
  const file = join(__dirname, `${COMMANDS_NAME}.${use}.cache`);
  return existsSync(file) ? readFileSync(file) : undefined;
}
