/** What `run` and `check` have in common: the plan's text, and the options as the library's entry takes them. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Options } from './table.ts';
import { CcosError, errnoOf } from '../foundation/errors.ts';
import { nearestPath } from '../foundation/nearest-path.ts';
import type { ContextLimits } from '../security/runtime-context.ts';
import type { OpenOptions } from '../runtime/ccos.ts';

/** Reads a plan's bytes from a file, or from stdin for `-`. Throws `USAGE` (exit 2). */
export function readPlan(operand: string): Uint8Array {
  return readBytes(operand === '-' ? 0 : operand, operand, 'the plan');
}

/** Reads the text behind `--input`: JSON, or `@FILE`. Throws `USAGE`. */
export function readInput(text: string): string {
  return text.startsWith('@') ? Buffer.from(readBytes(text.slice(1), text.slice(1), '--input')).toString('utf8') : text;
}

/** The policy and wall options as `open` takes them. */
export function openOptions(options: Options): OpenOptions {
  const { home, base, provider, level, allow, deny, read, write, env, minIsolation } = options;
  return {
    home,
    base,
    provider,
    policy: { level, allow, deny, read, write, env, minIsolation, limits: limitsOf(options) },
  };
}

function limitsOf({ timeout, memory, cpu, calls }: Options): ContextLimits {
  return {
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(memory === undefined ? {} : { memoryMb: memory }),
    ...(cpu === undefined ? {} : { cpuShare: cpu }),
    ...(calls === undefined ? {} : { calls }),
  };
}

function readBytes(from: string | number, name: string, what: string): Uint8Array {
  try {
    return readFileSync(from);
  } catch (error) {
    const errno = errnoOf(error);
    const why =
      errno === 'ENOENT'
        ? 'it does not exist'
        : errno === 'EISDIR'
          ? 'it is a folder'
          : `it cannot be read (${errno ?? 'unknown'})`;
    const { near } = errno === 'ENOENT' ? nearestPath(name, resolve(name)) : { near: null };
    throw new CcosError('USAGE', `Cannot read ${what} ${name}: ${why}`, {
      cause: error,
      hint: near === null ? undefined : `did you mean ${near}?`,
      details: { path: name, errno },
    });
  }
}
