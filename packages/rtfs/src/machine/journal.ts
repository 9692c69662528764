/**
 * The journal (R13.5): what the host answered, by call path. A resumed run is served from it as far as it goes and then goes
 * live; a replay must find everything in it.
 */
import { encode, decode, canonical } from '../values/codec.ts';
import type { EncodeBounds } from '../values/codec.ts';
import { dataMap, fail } from '../values/fail.ts';
import { ErrorValue } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { Vec } from '../values/vector.ts';
import type { ErrorInit, JournalEntry, Json, Request } from './types.ts';

type Answer = { readonly ok: Value } | { readonly error: ErrorInit };

const NONE: readonly Value[] = [];

/** The id under which a request stands in the journal. */
function idOf(request: Request): string {
  switch (request.kind) {
    case 'call':
      return request.id;
    case 'context':
      return request.key;
    case 'pause':
      return String(request.ms);
    case 'checkpoint':
      return request.label ?? '';
    default:
      return '';
  }
}

/**
 * Requests and their answers, by column: a run may make many, and what it keeps of each is what the engine's collector has to move.
 */
class Kept {
  readonly paths: string[] = [];
  readonly kinds: JournalEntry['kind'][] = [];
  readonly ids: string[] = [];
  readonly args: (readonly Value[])[] = [];
  readonly answers: (Value | Failed)[] = [];
}

/** An answer that was an error. */
class Failed {
  readonly error: ErrorInit;
  constructor(error: ErrorInit) {
    this.error = error;
  }
}

function argsOf(request: Request): readonly Value[] {
  return request.kind === 'call' ? request.args : NONE;
}

export class Journal {
  readonly #mode: 'live' | 'resume' | 'replay';
  readonly #depth: number;
  readonly #given = new Map<string, JournalEntry>();
  /** Entries are written out when they are asked for: values do not change. */
  readonly #kept = new Kept();
  #entries: JournalEntry[] | null = null;
  replayedCalls = 0;

  /** `depth` is how deep values nest that crossed (R17.5). */
  constructor(mode: 'live' | 'resume' | 'replay', entries: readonly JournalEntry[], depth: number) {
    this.#mode = mode;
    this.#depth = depth;
    if (mode !== 'live') for (const entry of entries) this.#given.set(entry.path, entry);
  }

  /** True while answers of an earlier run are left: what is told now was told before (R13.6). */
  get isReplaying(): boolean {
    return this.#mode === 'replay' || this.#given.size > 0;
  }

  /** The answer an earlier run got, null when the host is to be asked. Throws JournalMismatch, ReplayDiverged. */
  answer(request: Request): Answer | null {
    if (this.#mode === 'live') return null;
    const entry = this.#given.get(request.path);
    const id = idOf(request);
    if (entry === undefined) {
      if (this.#mode === 'replay') mismatch('ReplayDiverged', request.path, 'nothing', `${request.kind} ${id}`);
      return null;
    }
    const same = entry.kind === request.kind && entry.id === id && this.#sameArgs(entry.args, argsOf(request));
    if (!same) mismatch('JournalMismatch', request.path, `${entry.kind} ${entry.id}`, `${request.kind} ${id}`);
    this.#given.delete(request.path);
    if (entry.kind === 'call') this.replayedCalls++;
    const { maxDepth } = this.#bounds();
    if ('ok' in entry.reply) return { ok: decode(entry.reply.ok, maxDepth) };
    const error = decode(entry.reply.error, maxDepth);
    return error instanceof ErrorValue
      ? { error: { kind: error.kind, message: error.message, data: error.data } }
      : mismatch('JournalMismatch', request.path, 'no error', 'an error');
  }

  #sameArgs(json: Json, args: readonly Value[]): boolean {
    const bounds = this.#bounds();
    return canonical(decode(json, bounds.maxDepth), bounds) === canonical(Vec.of([...args]), bounds);
  }

  /** What crossed within the limits is within these, an error around it included. */
  #bounds(): EncodeBounds {
    return { maxDepth: this.#depth + 1, maxCharacters: Infinity };
  }

  record(request: Request, answer: Answer): void {
    this.#entries = null;
    const { paths, kinds, ids, args, answers } = this.#kept;
    paths.push(request.path);
    kinds.push(request.kind as JournalEntry['kind']);
    ids.push(idOf(request));
    args.push(argsOf(request));
    answers.push('ok' in answer ? answer.ok : new Failed(answer.error));
  }

  /** Every answer so far, in the order in which they came. */
  entries(): readonly JournalEntry[] {
    this.#entries ??= this.#kept.paths.map((_path, i) => this.#entry(i));
    return this.#entries;
  }

  #entry(i: number): JournalEntry {
    const bounds = this.#bounds();
    const { paths, kinds, ids, args, answers } = this.#kept;
    const answer = answers[i] as Value | Failed;
    return {
      path: paths[i] as string,
      kind: kinds[i] as JournalEntry['kind'],
      id: ids[i] as string,
      args: encode(Vec.of([...(args[i] as readonly Value[])]), bounds),
      reply: answer instanceof Failed ? { error: encodeError(answer.error, bounds) } : { ok: encode(answer, bounds) },
    };
  }

  /** When a run completes, everything in the journal must have been reached. Throws JournalMismatch. */
  checkUsed(): void {
    const [path] = this.#given.keys();
    if (path !== undefined) mismatch('JournalMismatch', path, 'an entry', 'nothing');
  }
}

function encodeError({ kind, message, data = null }: ErrorInit, bounds: EncodeBounds): Json {
  return encode(new ErrorValue(kind, message, data), bounds);
}

function mismatch(kind: 'JournalMismatch' | 'ReplayDiverged', path: string, journal: string, program: string): never {
  return fail(
    kind,
    `Journal has ${journal} at ${path}, program asks ${program}`,
    dataMap([
      ['path', path],
      ['journal', journal],
      ['program', program],
    ]),
  );
}
