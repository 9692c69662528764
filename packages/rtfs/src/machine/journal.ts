/**
 * The journal (R13.5): what the host answered, by call path. A resumed run is served from it as far as it goes and then goes
 * live; a replay must find everything in it.
 */
import { encode, decode, canonical } from '../values/codec.ts';
import { dataMap, fail } from '../values/fail.ts';
import { ErrorValue } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { Vec } from '../values/vector.ts';
import type { ErrorInit, JournalEntry, Json, Request } from './types.ts';

type Answer = { readonly ok: Value } | { readonly error: ErrorInit };

/** The id and arguments under which a request stands in the journal. */
function keyOf(request: Request): { id: string; args: Value } {
  switch (request.kind) {
    case 'call':
      return { id: request.id, args: Vec.of([...request.args]) };
    case 'context':
      return { id: request.key, args: Vec.empty };
    case 'pause':
      return { id: String(request.ms), args: Vec.empty };
    case 'checkpoint':
      return { id: request.label ?? '', args: Vec.empty };
    default:
      return { id: '', args: Vec.empty };
  }
}

export class Journal {
  readonly #mode: 'live' | 'resume' | 'replay';
  readonly #given = new Map<string, JournalEntry>();
  /** Entries are written out when they are asked for: values do not change. */
  readonly #answers: { request: Request; answer: Answer }[] = [];
  #entries: JournalEntry[] | null = null;
  replayedCalls = 0;

  constructor(mode: 'live' | 'resume' | 'replay', entries: readonly JournalEntry[]) {
    this.#mode = mode;
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
    const { id, args } = keyOf(request);
    if (entry === undefined) {
      if (this.#mode === 'replay') mismatch('ReplayDiverged', request.path, 'nothing', `${request.kind} ${id}`);
      return null;
    }
    const same = entry.kind === request.kind && entry.id === id && canonical(decode(entry.args)) === canonical(args);
    if (!same) mismatch('JournalMismatch', request.path, `${entry.kind} ${entry.id}`, `${request.kind} ${id}`);
    this.#given.delete(request.path);
    if (entry.kind === 'call') this.replayedCalls++;
    if ('ok' in entry.reply) return { ok: decode(entry.reply.ok) };
    const error = decode(entry.reply.error);
    return error instanceof ErrorValue
      ? { error: { kind: error.kind, message: error.message, data: error.data } }
      : mismatch('JournalMismatch', request.path, 'no error', 'an error');
  }

  record(request: Request, answer: Answer): void {
    this.#entries = null;
    this.#answers.push({ request, answer });
  }

  /** Every answer so far, in the order in which they came. */
  entries(): readonly JournalEntry[] {
    this.#entries ??= this.#answers.map(({ request, answer }) => {
      const { id, args } = keyOf(request);
      return {
        path: request.path,
        kind: request.kind as JournalEntry['kind'],
        id,
        args: encode(args),
        reply: replyOf(answer),
      };
    });
    return this.#entries;
  }

  /** When a run completes, everything in the journal must have been reached. Throws JournalMismatch. */
  checkUsed(): void {
    const [path] = this.#given.keys();
    if (path !== undefined) mismatch('JournalMismatch', path, 'an entry', 'nothing');
  }
}

function replyOf(answer: Answer): { ok: Json } | { error: Json } {
  if ('ok' in answer) return { ok: encode(answer.ok) };
  const { kind, message, data = null } = answer.error;
  return { error: encode(new ErrorValue(kind, message, data)) };
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
