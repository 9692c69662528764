/**
 * A compiled program: what its host sees, and what a machine needs to run it.
 */
import type { Form } from '../reader/forms.ts';
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

/** A program after expansion, and the texts of the modules that its host gave. */
export interface ExpandedForms {
  readonly forms: readonly Form[];
  readonly modules: ReadonlyMap<string, { readonly exports: readonly string[]; readonly forms: readonly Form[] }>;
  readonly expansions: number;
}

const expandedForms = new WeakMap<CompiledProgram, ExpandedForms>();

/** Keeps the forms that were compiled, for whoever wants them as bytecode. */
export function keepForms(program: CompiledProgram, forms: ExpandedForms): void {
  expandedForms.set(program, forms);
}

/** The forms of a program that `compile` made; undefined for an object that it did not make. */
export function formsOf(program: CompiledProgram): ExpandedForms | undefined {
  return expandedForms.get(program);
}
