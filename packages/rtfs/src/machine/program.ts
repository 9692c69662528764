/**
 * A compiled program: what its host sees, and what a machine needs to run it.
 */
import type { Site } from '../compile/unit.ts';
import type { CompiledProgram } from './types.ts';
import type { Runtime } from './runtime.ts';

/** The bodies of one instance; one of them is null. */
export interface Instance {
  readonly plain: ((frames: number) => unknown) | null;
  readonly generator: ((frames: number) => Generator) | null;
}

export interface Executable {
  readonly instance: (rt: Runtime) => Instance;
  readonly sites: readonly Site[];
  readonly yields: boolean;
  readonly expansions: number;
}

const executables = new WeakMap<CompiledProgram, Executable>();

/** Keeps what the program's host has no business with. */
export function keepExecutable(program: CompiledProgram, executable: Executable): void {
  executables.set(program, executable);
}

/** What `compile` made of a program; undefined for an object that it did not make. */
export function executableOf(program: CompiledProgram): Executable | undefined {
  return executables.get(program);
}
