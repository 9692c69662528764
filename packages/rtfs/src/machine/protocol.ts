/**
 * What generated code and the driver say to each other: sentinels, and the things that a generator yields.
 */
import type { Span, Value } from '../values/kinds.ts';
import type { Json } from './types.ts';

/** Thrown in an attempt that meets a yield or a change of state; never reaches a program (core, hole 4). */
export const ABORT: unique symbol = Symbol('abort');

/** In place of a value: there is none, go the other way. */
export const AB: unique symbol = Symbol('none');

/** The literal parts of a step or of branches, from the constant table. */
export interface StepSpec {
  readonly name: string;
  readonly site: string;
  readonly options: import('../syntax/program.ts').StepOptions;
}
export interface ForkSpec {
  readonly names: readonly string[] | null;
  readonly site: string;
  readonly options: import('../syntax/program.ts').StepOptions | null;
}

/** A generator that yielded in its first run, and what it yielded: the driver puts it on its stack. */
export class S {
  readonly generator: Generator;
  readonly value: unknown;
  constructor(generator: Generator, value: unknown) {
    this.generator = generator;
    this.value = value;
  }
}

/** A request of the program that wants an answer (R13): what of it the program knows. */
export type Asked =
  | {
      readonly kind: 'call';
      readonly id: string;
      readonly args: readonly Value[];
      readonly span: Span;
      readonly hints: Json;
    }
  | { readonly kind: 'context'; readonly key: string }
  | { readonly kind: 'pause'; readonly ms: number }
  | { readonly kind: 'checkpoint'; readonly label: string | null; readonly context: Json };

export class Ask {
  readonly site: string;
  readonly asked: Asked;
  constructor(site: string, asked: Asked) {
    this.site = site;
    this.asked = asked;
  }
}

/** A step notification stands in the outbox: the turn ends so that the host hears of it. */
export class Told {
  readonly told = true;
}

/** Branches to run (R12.14). `frames` is the budget each begins with. */
export class Fork {
  readonly spec: ForkSpec;
  readonly branches: readonly ((frames: number) => Generator)[];
  readonly frames: number;
  constructor(spec: ForkSpec, branches: Fork['branches'], frames: number) {
    this.spec = spec;
    this.branches = branches;
    this.frames = frames;
  }
}
