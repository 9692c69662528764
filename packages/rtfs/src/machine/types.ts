/**
 * What the machine and its host say to each other (R13). Types only: the machine stands in `machine.ts`, the limits' values in
 * `limits.ts`.
 */
import type { ErrorValue, Span, Value } from '../values/kinds.ts';

/** Plain JSON data. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The limits of R17.5, by name. Units are in the table's names: bytes, UTF-16 units, elements, steps, milliseconds. */
export interface Limits {
  readonly fuel: number;
  readonly deadlineMs: number;
  readonly frames: number;
  readonly loopIterations: number;
  readonly sourceBytes: number;
  readonly sourceDepth: number;
  readonly tokenLength: number;
  readonly stringLength: number;
  readonly collectionSize: number;
  readonly dataDepth: number;
  readonly memoryBytes: number;
  readonly regexPattern: number;
  readonly regexStates: number;
  readonly regexRepetition: number;
  readonly callArgumentBytes: number;
  readonly replyBytes: number;
  readonly pendingBranches: number;
  readonly calls: number;
  readonly diagnostics: number;
}

/** One finding about a source text (R1.35). `kind` is an error kind of R18, `code` its particular reason. */
export interface Diagnostic {
  readonly kind: string;
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly span: Span;
  readonly excerpt: string;
  readonly hint?: string;
  /** The data of the error's kind (R18), where the message does not hold all of it. */
  readonly data?: Json;
  readonly related?: readonly { readonly span: Span; readonly message: string }[];
}

/** One call site of a program; `id` is null where it is not a literal (R11.5, R11.9). */
export interface CallSite {
  readonly id: string | null;
  readonly site: string;
  readonly span: Span;
  readonly args?: readonly (Value | undefined)[];
}
/** One step of a program with its literal options (R12.1). */
export interface StepSite {
  readonly name: string;
  readonly site: string;
  readonly options: Json;
  readonly span: Span;
}

/** What a program may do, found statically: a superset of what it does (R11.5). */
export interface Effects {
  readonly pure: boolean;
  readonly stateful: boolean;
  readonly capabilities: readonly string[];
  readonly unknown: boolean;
  readonly calls: readonly CallSite[];
  readonly steps: readonly StepSite[];
  readonly contextKeys: readonly string[];
}

/** The innermost open step of a request: its step path and its name. */
export interface StepRef {
  readonly path: string;
  readonly name: string;
}

/** An error on its way in, before it is a value. */
export interface ErrorInit {
  readonly kind: string;
  readonly message: string;
  readonly data?: Value;
}

/** What a machine asks of its host (R13). `path` is the call path (R11.9). */
export type Request = { readonly seq: number; readonly path: string } & (
  | {
      readonly kind: 'call';
      readonly id: string;
      readonly args: readonly Value[];
      readonly span: Span;
      readonly step: StepRef | null;
      readonly exposure: { readonly expose: boolean | null; readonly keys: readonly string[] | null };
      readonly hints: Json;
      readonly timeoutMs: number | null;
    }
  | { readonly kind: 'context'; readonly key: string }
  | { readonly kind: 'pause'; readonly ms: number }
  | { readonly kind: 'checkpoint'; readonly label: string | null; readonly context: Json }
  | {
      readonly kind: 'step-started' | 'step-completed' | 'step-failed';
      readonly step: StepRef;
      readonly attempt: number;
      readonly replayed: boolean;
      readonly value?: Json;
      readonly error?: ErrorInit;
    }
);
export type CallRequest = Extract<Request, { kind: 'call' }>;
export type StepEvent = Extract<Request, { kind: 'step-started' | 'step-completed' | 'step-failed' }>;

/** The host's answer to the request of the same `seq`; step notifications want none (R13.4). */
export type Reply = { readonly seq: number; readonly ok: Value } | { readonly seq: number; readonly error: ErrorInit };

/** One answered request, as a journal keeps it; values in the tagged codec (R14.1). */
export interface JournalEntry {
  readonly path: string;
  readonly kind: 'call' | 'context' | 'pause' | 'checkpoint';
  readonly id: string;
  readonly args: Json;
  readonly reply: { readonly ok: Json } | { readonly error: Json };
}

/** Work counted, not timed; equal on every wall (R17.1). */
export interface Usage {
  readonly fuel: number;
  readonly calls: number;
  readonly replayedCalls: number;
  readonly maxFrames: number;
  readonly expansions: number;
}

/** How a run ended. */
export type Ending =
  | { readonly status: 'completed'; readonly value: Value }
  | { readonly status: 'failed'; readonly error: ErrorValue }
  | { readonly status: 'exhausted'; readonly error: ErrorValue }
  | { readonly status: 'suspended'; readonly pending: readonly Request[] }
  | { readonly status: 'cancelled'; readonly reason: string };
export type Outcome = { readonly usage: Usage; readonly journal: readonly JournalEntry[] } & Ending;

export type Turn =
  | { readonly kind: 'yield'; readonly requests: readonly Request[]; readonly waiting: readonly number[] }
  | { readonly kind: 'done'; readonly outcome: Outcome };

export type StopReason = 'cancelled' | 'deadline' | 'memory';

export interface MachineOptions {
  readonly input?: Value;
  readonly fuel?: number;
  readonly limits?: Partial<Limits>;
  readonly journal?: readonly JournalEntry[];
  readonly mode?: 'live' | 'resume' | 'replay';
  readonly shouldStop?: () => StopReason | null;
}

/** A running program without promises, timers or I/O: the core (R13.1). Never throws. */
export interface Machine {
  next(replies?: readonly Reply[]): Turn;
  cancel(reason: string): Outcome;
}

/** What a machine may ask of its host, in process (R13). */
export interface HostInterface {
  executeCapability(call: CallRequest): Promise<Value>;
  notifyStepStarted(step: StepEvent): Promise<string>;
  notifyStepCompleted(id: string, result: Value): Promise<void>;
  notifyStepFailed(id: string, error: ErrorValue): Promise<void>;
  getContextValue(key: string): Value | undefined;
  pause?(ms: number): Promise<void>;
  checkpoint?(label: string | null, context: Value): Promise<void>;
}

/** The part of the platform's `AbortSignal` that a run uses; engines without one need none. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, o?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface RunOptions extends MachineOptions {
  readonly host?: HostInterface;
  readonly deadlineMs?: number;
  readonly signal?: StopSignal;
  readonly now?: () => number;
}

/** A module that a program loaded from its host. */
export interface ModuleSource {
  readonly name: string;
  readonly source: string;
  readonly file: string;
}

export interface CompiledProgram {
  readonly source: string;
  /** The program without macro calls: a text that compiles to the same program with the same modules (R9.2). */
  readonly expanded: string;
  readonly effects: Effects;
  /** What the text exports as a module (R10.1). */
  readonly exports: readonly string[];
  /** The modules that the host gave, in the order in which they were loaded (R10.6). */
  readonly modules: readonly ModuleSource[];
}
export type Compiled =
  | { readonly ok: true; readonly program: CompiledProgram; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Finds a module's source by name, synchronously (R10.3). */
export interface ModuleResolver {
  resolve(name: string): { readonly source: string; readonly file: string } | null;
}
export interface CompileOptions {
  readonly file?: string;
  readonly modules?: ModuleResolver;
  readonly limits?: Partial<Limits>;
  readonly strict?: boolean;
  /** Asked while the bodies of macros run, at least every 10 000 fuel (R13.8); a reason to stop ends the compilation. */
  readonly shouldStop?: () => StopReason | null;
}
