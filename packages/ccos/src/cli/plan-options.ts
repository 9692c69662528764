/** What the commands that take a plan have in common: its text, its input, and the options as the library's entry takes them. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Value } from '@ccos/rtfs';
import { readStdin } from './stdin.ts';
import type { Options } from './table.ts';
import { asCcosError, CcosError, errnoOf } from '../foundation/errors.ts';
import { nearestPath } from '../foundation/nearest-path.ts';
import type { ContextLimits } from '../security/runtime-context.ts';
import type { OpenOptions } from '../runtime/ccos.ts';

/** A text to run, the file that diagnostics name, and the folder of its modules: its own, for a plan that was read from a file. */
export interface PlanText {
  readonly source: string | Uint8Array;
  readonly file: string;
  readonly modules?: string;
}

/** Reads a plan from a file, or from stdin for `-`. Throws `USAGE` (exit 2). */
export function readPlan(operand: string): PlanText {
  return operand === '-'
    ? { source: readBytes(readStdin, 'stdin', 'the plan'), file: 'stdin' }
    : {
        source: readBytes(() => readFileSync(operand), operand, 'the plan'),
        file: operand,
        modules: dirname(operand),
      };
}

/** The value of `--input`, JSON or `@FILE`; nil without it. Throws `USAGE`. */
export async function readInput({ input }: Options): Promise<Value> {
  if (input === undefined) return null;
  const path = input.slice(1);
  const text = input.startsWith('@')
    ? Buffer.from(readBytes(() => readFileSync(path), path, '--input')).toString('utf8')
    : input;
  try {
    // All of the language is loaded for an input alone: a guest may start before.
    const { parseJson } = await import('@ccos/rtfs/internal');
    return parseJson(text, {});
  } catch (thrown) {
    const { message } = thrown as { message?: unknown };
    throw new CcosError(
      'USAGE',
      `Cannot read --input: ${typeof message === 'string' ? message : asCcosError(thrown).message}`,
      { hint: `JSON, as in --input '{"city":"Seattle"}', or @FILE` },
    );
  }
}

/** The policy and wall options as `open` takes them. */
export function openOptions(options: Options): OpenOptions {
  const { home, base, provider, record, level, allow, deny, read, write, env, minIsolation } = options;
  return {
    home,
    base,
    provider,
    record,
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

/** What a user named is read. Throws `USAGE` (exit 2) with the reason and the nearest name. */
export function readBytes(read: () => Uint8Array, name: string, what: string): Uint8Array {
  try {
    return read();
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
