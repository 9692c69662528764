/**
 * The runtime of one machine: what generated code reaches as `rt`. Fuel, frames, attempts, errors, application of any value.
 *
 * Fuel stands in two numbers: `fuel`, the slice that code counts down, and `rest`. When a slice is used up, `refill` asks whether
 * the run should stop (R13.8); a slice is small, so that the answer comes at least every 10 000 units.
 */
import { FINAL_KINDS } from '../values/error-kind.ts';
import { arity, arityText, fail, indexOut, limit, typeError, undefinedSymbol } from '../values/fail.ts';
import { Atom, ErrorValue, Fn, Keyword } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { List } from '../values/list.ts';
import { PMap } from '../values/map.ts';
import { PSet } from '../values/set.ts';
import { Vec } from '../values/vector.ts';
import type { Site } from '../compile/unit.ts';
import { errorField } from '../stdlib/error-fields.ts';
import type { Rt } from '../stdlib/native.ts';
import type { Cast } from '../syntax/program.ts';
import { castValue } from './casts.ts';
import { Clauses } from './functions.ts';
import type { Instances } from './library.ts';
import { AB, ABORT, Ask } from './protocol.ts';
import type { StepSpec } from './protocol.ts';
import { askCall, askCheckpoint, askContext } from './requests.ts';
import type { OpenStep } from './task.ts';
import { Task } from './task.ts';
import type { Limits, StopReason } from './types.ts';

/** The size of a slice of fuel. */
const SLICE = 10_000;
/** Wasted work that is never held against optimism (R17.8). */
const WASTE_ALLOWED = 100_000;
/** Entries of a trace (R8.1). */
const TRACE_MAX = 32;

/** How generated code calls functions: plain bodies take the frame budget last. */
type PlainBody = (...args: unknown[]) => Value;
type GeneratorBody = (...args: unknown[]) => Generator;

export interface RuntimeOptions {
  readonly limits: Limits;
  readonly sites: readonly Site[];
  readonly input: Value;
  readonly instances: (rt: Runtime) => Instances;
  readonly shouldStop: () => StopReason | null;
}

export class Runtime implements Rt {
  readonly limits: Limits;
  readonly input: Value;
  fuel: number;
  rest: number;
  /** The lowest frame budget so far. */
  low: number;
  /** 1 while an attempt runs: then nothing may yield or change state. */
  spec = 0;
  atoms = 0;
  task: Task;
  readonly aborting: PlainBody = () => this.abort();
  readonly #sites: readonly Site[];
  readonly #shouldStop: () => StopReason | null;
  readonly #instances: Instances;
  readonly #marks = new Set<object>();
  readonly #allFuel: number;
  #optimistic = true;
  #wasted = 0;
  #saved = { fuel: 0, rest: 0, atoms: 0 };
  /** The error on its way up, whose trace grows. */
  #thrown: ErrorValue | null = null;

  constructor(o: RuntimeOptions) {
    this.limits = o.limits;
    this.input = o.input;
    this.#sites = o.sites;
    this.#shouldStop = o.shouldStop;
    this.#allFuel = o.limits.fuel;
    this.fuel = Math.min(SLICE, o.limits.fuel);
    this.rest = o.limits.fuel - this.fuel;
    this.low = o.limits.frames;
    this.task = Task.root();
    this.#instances = o.instances(this);
  }

  /** The branch that runs (R12.15). */
  get branch(): Task {
    return this.task;
  }

  get fuelUsed(): number {
    return this.#allFuel - Math.max(0, this.fuel + this.rest);
  }

  /** Fuel of attempts that were discarded (R17.8). */
  get fuelWasted(): number {
    return this.#wasted;
  }

  get framesUsed(): number {
    return this.limits.frames - this.low;
  }

  /** Switches attempts off: every call that may yield runs as a generator. For tests of R4.10. */
  neverOptimistic(): void {
    this.#optimistic = false;
  }

  // ── fuel and frames ──────────────────────────────────────────────────────────────────────────────────────────────

  /** The slow path of every prologue: a slice is used up, a new depth is reached, or a limit is. */
  out(d: number): void {
    if (this.fuel < 0) this.#refill();
    if (d >= this.low) return;
    if (d < 0) limit('frames', this.limits.frames);
    this.low = d;
  }

  charge(units: number): void {
    this.fuel -= units;
    if (this.fuel < 0) this.#refill();
  }

  #refill(): void {
    const stop = this.#shouldStop();
    if (stop !== null) this.#stop(stop);
    const need = -this.fuel;
    if (this.rest < need) {
      this.rest += this.fuel;
      this.fuel = 0;
      limit('fuel', this.#allFuel);
    }
    const take = Math.min(this.rest, need + SLICE - 1);
    this.rest -= take;
    this.fuel += take;
  }

  #stop(reason: StopReason): never {
    if (reason === 'deadline') limit('deadlineMs', this.limits.deadlineMs);
    if (reason === 'memory') limit('memoryBytes', this.limits.memoryBytes);
    return fail('Cancelled', 'Cancelled: the host stopped the run');
  }

  /** A collection that has grown beyond its limit (R17.5). */
  full(): never {
    return limit('collectionSize', this.limits.collectionSize);
  }

  loopLimit(max: number): never {
    return limit('loopIterations', max);
  }

  // ── attempts ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Begins an attempt at a code site, unless one failed there before or optimism has ended. */
  may(mark: object): boolean {
    if (!this.#optimistic || this.#marks.has(mark)) return false;
    this.#saved = { fuel: this.fuel, rest: this.rest, atoms: this.atoms };
    this.spec = 1;
    return true;
  }

  /** Ends a failed attempt; an error that is not the abort is the program's and goes on. */
  aborted(e: unknown, mark: object): void {
    this.spec = 0;
    if (e !== ABORT) throw e;
    const { fuel, rest, atoms } = this.#saved;
    this.#wasted += fuel + rest - (this.fuel + this.rest);
    this.fuel = fuel;
    this.rest = rest;
    this.atoms = atoms;
    this.#marks.add(mark);
    if (this.#wasted > WASTE_ALLOWED && this.#wasted > this.fuelUsed) this.#optimistic = false;
  }

  abort(): never {
    throw ABORT;
  }

  /** Guards a change of state: an attempt must not make one (R4.10). */
  state(): void {
    if (this.spec !== 0) throw ABORT;
  }

  /** Guards an assignment: `owner` is the branch that made the variable (R12.15). */
  mine(owner: Task | null, name: string): void {
    if (owner !== this.task && this.task.isBelow(owner)) this.shared(name);
  }

  shared(name: string): never {
    return fail(
      'SharedStateError',
      `${name} is shared between parallel branches`,
      PMap.of([[Keyword.of('name'), name]]),
    );
  }

  /** A new atom; numbers count creations that happened (R4.10). */
  atom(value: Value): Atom {
    const atom = new Atom(value, ++this.atoms);
    atom.branch = this.task;
    return atom;
  }

  // ── application ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Applies anything callable, plain (R4.8). */
  call(callee: Value, args: Value[], d: number): Value {
    if (callee instanceof Fn) {
      const body = callee.f as unknown as PlainBody;
      if (callee.n === args.length) return body(...args, d);
      if (callee.n < 0) return body(args, d);
      return arity(callee.name === '' ? 'fn' : callee.name, String(callee.n), args.length);
    }
    return this.#lookUp(callee, args);
  }

  /** Applies anything callable to one argument, plain. */
  call1(callee: Value, a: Value, d: number): Value {
    const body = callee instanceof Fn && callee.code instanceof Clauses ? callee.code.body(1) : undefined;
    return body === undefined ? this.call(callee, [a], d) : (body(a, d) as Value);
  }

  /** Applies anything callable to two arguments, plain. */
  call2(callee: Value, a: Value, b: Value, d: number): Value {
    const body = callee instanceof Fn && callee.code instanceof Clauses ? callee.code.body(2) : undefined;
    return body === undefined ? this.call(callee, [a, b], d) : (body(a, b, d) as Value);
  }

  /** Applies in a generator: a value, or `AB` when the callee must be started as a generator. */
  plain(mark: object, callee: Value, args: Value[], d: number): Value | typeof AB {
    if (!(callee instanceof Fn) || callee.g === null) return this.call(callee, args, d);
    if ((callee.f as unknown) === this.aborting || !this.may(mark)) return AB;
    try {
      const value = this.call(callee, args, d);
      this.spec = 0;
      return value;
    } catch (e) {
      this.aborted(e, mark);
      return AB;
    }
  }

  /** The generator of an application for which `plain` gave `AB`. */
  generator(callee: Fn, args: Value[], d: number): Generator {
    const body = callee.g as unknown as GeneratorBody;
    if (callee.n === args.length) return body(...args, d);
    if (callee.n < 0) return body(args, d);
    return arity(callee.name === '' ? 'fn' : callee.name, String(callee.n), args.length);
  }

  /** The arguments of an application as an array of its own. */
  spread(args: readonly Value[] | List): Value[] {
    return args instanceof List ? args.toArray() : [...args];
  }

  /** Keywords, maps, sets and vectors as functions (R4.8). */
  #lookUp(callee: Value, args: Value[]): Value {
    const [key = null, otherwise = null] = args;
    const expect = (name: string, min: number, max: number): void => {
      if (args.length < min || args.length > max) arity(name, arityText(min, max), args.length);
    };
    if (callee instanceof Keyword) {
      expect(`:${callee.name}`, 1, 2);
      return this.keywordOf(callee, key, otherwise);
    }
    if (callee instanceof PMap) {
      expect('map', 1, 2);
      this.charge(1);
      return callee.get(key) ?? (callee.has(key) ? null : otherwise);
    }
    if (callee instanceof PSet) {
      expect('set', 1, 1);
      this.charge(1);
      return callee.has(key) ? key : null;
    }
    if (callee instanceof Vec) {
      expect('vector', 1, 1);
      this.charge(1);
      if (typeof key !== 'number' || !Number.isInteger(key)) return typeError('vector', 'integer', key);
      return callee.at(key) ?? (key >= 0 && key < callee.n ? null : indexOut(key, callee.n));
    }
    return typeError('call', 'function', callee);
  }

  /** `(:k m)`, `(:k m default)` (R4.8). */
  keywordOf(keyword: Keyword, subject: Value, otherwise: Value): Value {
    if (subject === null) return otherwise;
    this.charge(1);
    if (subject instanceof PMap) return subject.get(keyword) ?? (subject.has(keyword) ? null : otherwise);
    if (subject instanceof PSet) return subject.has(keyword) ? keyword : otherwise;
    if (subject instanceof ErrorValue) return errorField(subject, keyword) ?? otherwise;
    return typeError(`:${keyword.name}`, 'map', subject);
  }

  plainBody(name: string, clause: number): unknown {
    return this.#instances.bodies(name, 'p')[clause];
  }

  generatorBody(name: string, clause: number): unknown {
    return this.#instances.bodies(name, 'g')[clause];
  }

  libraryValue(name: string): Fn {
    return this.#instances.value(name);
  }

  // ── errors ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The error with this function in its trace, and with a span if it had none: the innermost place wins (R1.34, R8.1). */
  traced(e: unknown, s: number): unknown {
    if (e === ABORT) return e;
    const error = e instanceof ErrorValue ? e : internal(e);
    const site = this.#sites[s];
    if (site === undefined) return error;
    const entry = { fn: site.fn, line: site.span.line, column: site.span.column };
    if (error.span === null) {
      error.span = site.span;
      error.trace = [entry];
      this.#thrown = error;
    } else if (this.#thrown === error && error.trace.length < TRACE_MAX) {
      error.trace = [...error.trace, entry];
    }
    return error;
  }

  /** What `catch` and `finally` see; a final error and an abort go on (R8.12). */
  caught(e: unknown, s: number): ErrorValue {
    const error = this.traced(e, s);
    if (error === ABORT || FINAL_KINDS.has((error as ErrorValue).kind)) throw error;
    this.#thrown = null;
    return error as ErrorValue;
  }

  /** An error that no clause caught goes on as it came. */
  again(error: ErrorValue): ErrorValue {
    this.#thrown = error;
    return error;
  }

  undefinedSymbol(name: string, similar: readonly string[]): never {
    return undefinedSymbol(name, [...similar]);
  }

  cast({ type, where }: Cast, value: Value): Value {
    return castValue(this, type, value, where);
  }

  // ── effects ──────────────────────────────────────────────────────────────────────────────────────────────────────

  askCall(site: string, id: Value, args: Value[], hints: Value, span: Site['span']): Ask {
    return askCall(this, { site, id, args, hints, span });
  }

  askContext(site: string, key: Value): Ask {
    return askContext(site, key);
  }

  askCheckpoint(site: string, label: string | null, value: Value): Ask {
    return askCheckpoint(this, { site, label, value });
  }

  askPause(step: OpenStep): Ask {
    return new Ask(step.spec.site, { kind: 'pause', ms: step.pauseMs });
  }

  stepContext(key: Value): Value | typeof AB {
    return this.task.context.read(key) ?? AB;
  }

  setContext(key: Value, value: Value): null {
    return this.task.writeContext(this, key, value);
  }

  openStep(spec: StepSpec): OpenStep {
    return this.task.openStep(spec);
  }

  startStep(step: OpenStep): unknown {
    return step.start();
  }
  completeStep(step: OpenStep, value: Value): unknown {
    return step.complete(value);
  }
  failStep(step: OpenStep, error: ErrorValue): unknown {
    return step.fail(error);
  }
  mayRetry(step: OpenStep, error: ErrorValue): boolean {
    return step.retry(error);
  }
}

/**
 * A defect of this implementation, or the engine's own stack at its end: never catchable. An engine that says it is out of
 * memory and lives on has reached the bound that its host gave it: the memory limit of R17.5, which is just as final.
 */
export function internal(e: unknown): ErrorValue {
  const what = e instanceof Error ? e.message : String(e);
  if (e instanceof Error && e.name === 'InternalError' && what === 'out of memory') {
    return new ErrorValue('MemoryLimit', `Limit memoryBytes reached: ${what}`);
  }
  return new ErrorValue('InternalError', `Internal error: ${what}`);
}
