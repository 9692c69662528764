/**
 * The session of `ccos repl`: the forms that it has kept, and the process that runs them under fuel, deadline and a memory ceiling.
 * A process that does not end itself is ended from outside; the next one gets the same forms.
 */
import { systemClock } from '../foundation/clock.ts';
import { formatDuration } from '../foundation/durations.ts';
import { CcosError } from '../foundation/errors.ts';
import { LIMITS } from '../model/limits.ts';
import { startComputing, type ComputingProcess } from './computing-process.ts';
import type { Entry, ReplAnswer, ReplJob, ReplQuestion } from './repl-job.ts';

/** How long the process may overrun its deadline before it is ended: it notices by itself when its machine polls. */
const GRACE_MS = 250;
/** How long a new process may take to load the language and name it. */
const NAMES_MS = 10_000;
const MB = 1024 * 1024;

/** The ceilings of each form. */
export interface ReplLimits {
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

/** What a form gave. */
export type Evaluated = Extract<ReplAnswer, { text: string }>;

/** A session. Questions and forms are answered one after the other. */
export class ReplSession {
  readonly #limits: ReplLimits;
  readonly #kept: Entry[] = [];
  #process: ComputingProcess | null = null;
  /** How many of the kept forms the process has. */
  #known = 0;
  #overrun: NodeJS.Timeout | undefined;
  /** Forms that run or wait, and whether they are interrupted. */
  #forms = 0;
  #isInterrupted = false;
  /** Whether the process runs a form. */
  #isRunning = false;
  /** Settles when the process is free. */
  #turn: Promise<void> = Promise.resolve();
  /** What waits for its answer. */
  #pending: { resolve(answer: unknown): void; reject(error: Error): void } | null = null;

  constructor(limits: ReplLimits) {
    this.#limits = limits;
  }

  /** Evaluates a form and keeps what it defines. Throws the error that ended it; then nothing is kept. */
  async evaluate(entry: Entry): Promise<Evaluated> {
    const answer = await this.#form('evaluate', entry);
    if (answer.keep !== null) this.#kept.push(answer.keep);
    return answer;
  }

  /** The type of a form's value, or its effects. Keeps nothing. Throws the error of the form. */
  async ask(kind: 'type' | 'effects', entry: Entry): Promise<Evaluated> {
    return this.#form(kind, entry);
  }

  /** The names of the language. */
  async names(): Promise<readonly string[]> {
    return (await this.#send(() => ({ kind: 'names' }), NAMES_MS)) as readonly string[];
  }

  /** Ends the form that runs or waits; false when there is none. */
  interrupt(): boolean {
    if (this.#forms === 0) return false;
    this.#isInterrupted = true;
    if (this.#isRunning) this.#pending?.reject(interruption());
    return true;
  }

  /** Ends the process. */
  async close(): Promise<void> {
    const process = this.#process;
    this.#process = null;
    await process?.end();
  }

  async #form(kind: ReplJob['kind'], entry: Entry): Promise<Evaluated> {
    const { timeoutMs, memoryMb } = this.#limits;
    const job = (): ReplJob => {
      const added = this.#kept.slice(this.#known);
      const deadline = systemClock.now() + timeoutMs;
      return { kind, added, entry, fuel: LIMITS.fuel.default, deadline, timeoutMs, memoryBytes: memoryMb * MB };
    };
    if (this.#forms === 0) this.#isInterrupted = false;
    this.#forms++;
    try {
      const answer = (await this.#send(job, timeoutMs + GRACE_MS)) as ReplAnswer;
      if ('code' in answer) throw new CcosError(answer.code, answer.message, answer.parts);
      return answer;
    } finally {
      this.#forms--;
    }
  }

  /** Asks the process once it has answered everything before. */
  async #send(message: () => ReplJob | ReplQuestion, ceilingMs: number): Promise<unknown> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    try {
      return await this.#ask(message, ceilingMs);
    } finally {
      resolve();
    }
  }

  /** Throws `LIMIT_TIME`, `LIMIT_MEMORY` and `CANCELLED` when the process had to be ended from outside. */
  async #ask(message: () => ReplJob | ReplQuestion, ceilingMs: number): Promise<unknown> {
    const process = (this.#process ??= this.#start());
    const asked = message();
    this.#isRunning = asked.kind !== 'names';
    if (this.#isRunning && this.#isInterrupted) throw interruption();
    try {
      return await new Promise<unknown>((resolve, reject) => {
        this.#pending = { resolve, reject };
        this.#overrun = setTimeout(() => reject(this.#outOfTime()), ceilingMs);
        process.send(asked);
        if (this.#isRunning) this.#known = this.#kept.length;
      });
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      clearTimeout(this.#overrun);
      this.#pending = null;
      this.#isRunning = false;
    }
  }

  #start(): ComputingProcess {
    this.#known = 0;
    const process: ComputingProcess = startComputing('repl-process.js', this.#limits.memoryMb, {
      answer: (answer) => this.#pending?.resolve(answer),
      death: (death) => {
        if (this.#process === process) this.#process = null;
        this.#pending?.reject(death === 'memory' ? this.#outOfMemory() : death);
      },
    });
    return process;
  }

  #outOfTime(): CcosError {
    const { timeoutMs } = this.#limits;
    return new CcosError('LIMIT_TIME', `The time of the run is over: ${formatDuration(timeoutMs)}`, {
      hint: 'a longer --timeout',
      details: { limit: 'timeoutMs', value: timeoutMs, measured: null, enforcement: 'process-kill' },
    });
  }

  #outOfMemory(): CcosError {
    const { memoryMb } = this.#limits;
    return new CcosError('LIMIT_MEMORY', `The memory of the run is used up: ${memoryMb} MB`, {
      hint: 'a larger --memory',
      details: { limit: 'memoryMb', value: memoryMb, measured: null, enforcement: 'v8-heap' },
    });
  }
}

function interruption(): CcosError {
  return new CcosError('CANCELLED', 'Interrupted');
}
