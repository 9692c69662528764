/**
 * The guest's loop over the channel (M8), the same in Node and in QuickJS: handshake, one program at a time, its requests as
 * frames, replies back into the machine, authorised effects in between. It is pushed: the platform hands in lines (`receive`),
 * then lets it go on as far as they carry (`advance`); it never waits by itself.
 */
import {
  decode,
  encode,
  ErrorValue,
  start,
  type Json,
  type Machine,
  type Outcome,
  type Reply,
  type Request,
  type StopReason,
  type Turn,
  type Value,
} from '@ccos/rtfs';
import { CcosError, ERRORS } from '../foundation/errors.ts';
import type { GrantedPath, Program } from '../model/program.ts';
import { BlobReader, BlobWriter, type TextCodec } from '../microvm/blobs.ts';
import { PROTOCOL, type Frame, type FrameBody, type FrameError, type FrameType } from '../microvm/frames.ts';
import { parseFrame } from '../microvm/parse-frame.ts';
import { compileProgram } from './compile-program.ts';

/** What the platform gives the loop. */
export interface GuestPowers {
  send(frame: object): void;
  /** Unix milliseconds; for the deadline alone, no program sees it. */
  now(): number;
  readonly codec: TextCodec;
  /** Digest of the bundle that runs (M8.3). */
  readonly bundleDigest: string;
  readonly runtime: string;
  /** Mixes the host's entropy into the platform's random source (M8.3). */
  seed(entropy: string): void;
  /** The guest side of the file capabilities, where this guest has files. Throws `CcosError`. */
  fileEffect?(capability: string, args: readonly Value[], granted: GrantedPath): Value;
}

/** A run in progress: what the machine waits for by frame id, what it asked and was not sent yet, and steps not acknowledged yet. */
interface Current {
  readonly run: string;
  machine: Machine;
  waiting: Map<number, number>;
  replies: Reply[];
  unsent: readonly Request[];
  /** How many of `unsent` were sent since. */
  sent: number;
  open: number;
  stepsOpen: Set<number>;
  idle: boolean;
}

/** One guest's loop. What passes the host's limit of unanswered requests waits here (M8.6). */
export class GuestLoop {
  readonly #powers: GuestPowers;
  #blobsIn: BlobReader | null = null;
  readonly #blobsOut: BlobWriter;
  #unansweredMax = 1;
  #idIn = -1;
  #idOut = 0;
  #current: Current | null = null;
  #over = false;

  constructor(powers: GuestPowers) {
    this.#powers = powers;
    this.#blobsOut = new BlobWriter(powers.codec, (blob) => {
      this.#send('blob', blob);
    });
  }

  /** True when the host has said `bye`, or a line came that no host of ours sends: the platform then ends the guest. */
  get over(): boolean {
    return this.#over;
  }

  /** Takes one line from the host. */
  receive(line: string): void {
    const parsed = parseFrame(line, 'host', this.#idIn);
    if ('violation' in parsed) {
      this.#over = true;
      return;
    }
    this.#idIn = parsed.frame.id;
    this.#take(parsed.frame);
  }

  /** Lets the machine go on with the replies that came. */
  advance(): void {
    const current = this.#current;
    if (current === null || this.#over) return;
    this.#sendWaiting(current);
    while (
      this.#current === current &&
      current.stepsOpen.size === 0 &&
      (current.replies.length > 0 || (current.idle && current.sent === current.unsent.length))
    ) {
      const replies = current.replies;
      current.replies = [];
      this.#turn(current, current.machine.next(replies));
      this.#sendWaiting(current);
    }
  }

  #take(frame: Frame): void {
    switch (frame.t) {
      case 'hello':
        return this.#hello(frame);
      case 'blob':
        this.#blobsIn?.take(frame);
        return;
      case 'run':
        return this.#run(frame);
      case 'reply':
        return this.#reply(frame);
      case 'effect':
        return this.#effect(frame);
      case 'cancel':
        if (frame.run === this.#current?.run) this.#finish(this.#current, this.#current.machine.cancel('cancelled'));
        return;
      default:
        this.#over = true;
    }
  }

  #hello(frame: Frame<'hello'>): void {
    this.#powers.seed(frame.entropy);
    this.#unansweredMax = frame.limits.unanswered;
    this.#blobsIn = new BlobReader(this.#powers.codec, frame.limits.blobBytes);
    this.#send('ready', {
      protocol: PROTOCOL,
      nonce: frame.nonce,
      guest: this.#powers.bundleDigest,
      runtime: this.#powers.runtime,
      features: this.#powers.fileEffect === undefined ? [] : ['files'],
    });
  }

  #run(frame: Frame<'run'>): void {
    const { run, config } = frame;
    const program = this.#in(frame.program) as unknown as Program;
    const input = decode(this.#in(frame.input));
    const { now } = this.#powers;
    const endsAt = now() + config.deadlineMs;
    const shouldStop = (): StopReason | null => (now() >= endsAt ? 'deadline' : null);
    const compiled = compileProgram(program, shouldStop);
    if ('refused' in compiled) {
      this.#send('result', { run, ok: false, error: compiled.refused });
      return;
    }
    if (!compiled.ok) {
      // The bodies of macros run here, too: a deadline that came meanwhile is the run's, whatever the compiler says of it.
      const late = shouldStop() === null ? null : `Limit deadlineMs reached: ${config.deadlineMs}`;
      const error = late === null ? diagnosticError(compiled.diagnostics) : { kind: 'DeadlineExceeded', message: late };
      this.#send('result', { run, ok: false, error });
      return;
    }
    const machine = start(compiled.program, {
      input,
      fuel: config.fuel,
      limits: { deadlineMs: config.deadlineMs, memoryBytes: config.memoryBytes },
      shouldStop,
    });
    const current: Current = {
      run,
      machine,
      waiting: new Map(),
      replies: [],
      unsent: [],
      sent: 0,
      open: 0,
      stepsOpen: new Set(),
      idle: false,
    };
    this.#current = current;
    this.#turn(current, machine.next());
  }

  #turn(current: Current, turn: Turn): void {
    if (turn.kind === 'done') return this.#finish(current, turn.outcome);
    const { unsent, sent } = current;
    current.unsent = sent === unsent.length ? turn.requests : [...unsent.slice(sent), ...turn.requests];
    current.sent = 0;
    // A turn of step notifications alone waits for nothing: the machine goes on as soon as the host has acknowledged them.
    current.idle = turn.waiting.length === 0;
  }

  /** Sends what the machine asks, in its order, as far as the host's bound of unanswered requests allows. */
  #sendWaiting(current: Current): void {
    while (this.#current === current && current.sent < current.unsent.length) {
      const request = current.unsent[current.sent]!;
      const answered = request.kind !== 'step-completed' && request.kind !== 'step-failed';
      if (answered && current.open >= this.#unansweredMax) return;
      current.sent++;
      const id = this.#request(current.run, request);
      if (!answered) continue;
      current.open++;
      if (request.kind === 'step-started') current.stepsOpen.add(id);
      else current.waiting.set(id, request.seq);
    }
  }

  #request(run: string, request: Request): number {
    const { path } = request;
    switch (request.kind) {
      case 'call': {
        const { id: capability, step, exposure, hints, timeoutMs } = request;
        // Long arguments' own frames have their ids before this one's.
        const args = this.#out(request.args.map(encodeOne));
        const id = this.#idOut++;
        this.#powers.send({
          v: PROTOCOL,
          id,
          t: 'call',
          run,
          path,
          step,
          capability,
          args,
          exposure,
          hints,
          timeoutMs,
        });
        return id;
      }
      case 'context':
        return this.#send('context', { run, path, key: request.key });
      case 'pause':
        return this.#send('pause', { run, path, ms: request.ms });
      case 'checkpoint':
        return this.#send('checkpoint', { run, path, label: request.label, context: this.#out(request.context) });
      default: {
        const { step, attempt, value, error } = request;
        const event =
          request.kind === 'step-started' ? 'started' : request.kind === 'step-completed' ? 'completed' : 'failed';
        return this.#send('step', {
          run,
          path: step.path,
          name: step.name,
          event,
          attempt,
          ...(value === undefined ? {} : { value: this.#out(value) }),
          ...(error === undefined ? {} : { error: this.#error(error.kind, error.message, error.data) }),
        });
      }
    }
  }

  #reply(frame: Frame<'reply'>): void {
    const current = this.#current;
    if (current === null) return; // The run is over; what was open is of no use any more.
    current.open--;
    if (current.stepsOpen.size > 0 && current.stepsOpen.delete(frame.re)) {
      if (!frame.ok) this.#end(current, { ok: false, error: frame.error! });
      return;
    }
    const seq = current.waiting.get(frame.re);
    if (seq === undefined) {
      this.#over = true;
      return;
    }
    current.waiting.delete(frame.re);
    if (frame.ok) current.replies.push({ seq, ok: decode(this.#in(frame.value!)) });
    else {
      const { kind, message, data } = frame.error!;
      current.replies.push({
        seq,
        error: { kind, message, ...(data === undefined ? {} : { data: decode(this.#in(data)) }) },
      });
    }
  }

  #finish(current: Current, outcome: Outcome): void {
    switch (outcome.status) {
      case 'completed': {
        try {
          return this.#end(current, { ok: true, value: this.#out(encode(outcome.value)) });
        } catch (thrown) {
          // A function or atom as the plan's value cannot cross (R14.9): the program's own error, like any other.
          if (thrown instanceof ErrorValue) return this.#end(current, { ok: false, error: this.#errorOf(thrown) });
          throw thrown;
        }
      }
      case 'failed':
      case 'exhausted':
        return this.#end(current, { ok: false, error: this.#errorOf(outcome.error) });
      case 'cancelled':
        return this.#end(current, { ok: false, error: { kind: 'Cancelled', message: outcome.reason } });
      case 'suspended':
        return this.#end(current, {
          ok: false,
          error: { kind: 'InternalError', message: 'The program was suspended without being asked' },
        });
    }
  }

  #end(current: Current, outcome: Pick<FrameBody<'result'>, 'ok' | 'value' | 'error'>): void {
    // Step notifications that the machine gave together with its outcome go before it; requests nobody waits for are dropped.
    for (const request of current.unsent.slice(current.sent))
      if (request.kind.startsWith('step-')) this.#request(current.run, request);
    this.#current = null;
    this.#send('result', { run: current.run, ...outcome });
  }

  /** Runs the guest side of an authorised effect; its token is the host's and lives as long as the effect. */
  #effect(frame: Frame<'effect'>): void {
    const { run, capability } = frame;
    try {
      if (this.#powers.fileEffect === undefined) throw new CcosError('CAP_FAILED', 'This guest has no files');
      const args = (this.#in(frame.args) as readonly Json[]).map((item) => decode(item));
      const value = this.#powers.fileEffect(capability, args, this.#in(frame.grant) as unknown as GrantedPath);
      this.#send('result', { run, ok: true, value: this.#out(encode(value)) });
    } catch (thrown) {
      this.#send('result', { run, ok: false, error: effectError(thrown) });
    }
  }

  #errorOf(error: ErrorValue): FrameError {
    const { span, hint } = error;
    return {
      ...this.#error(error.kind, error.message, error.data),
      ...(span === null ? {} : { span: { ...span } }),
      ...(hint === null ? {} : { hint }),
    };
  }

  #error(kind: string, message: string, data: Value | undefined): FrameError {
    const cut = { kind: kind.slice(0, 1_024), message: message.slice(0, 65_536) };
    try {
      return data === undefined || data === null ? cut : { ...cut, data: this.#out(encode(data)) };
    } catch {
      return cut; // Data that cannot cross (a function, an atom) stays behind.
    }
  }

  #send<T extends FrameType>(t: T, body: FrameBody<T>): number {
    const id = this.#idOut++;
    this.#powers.send({ v: PROTOCOL, id, t, ...body });
    return id;
  }
  #in(field: Json): Json {
    return this.#blobsIn === null ? field : this.#blobsIn.in(field);
  }
  #out(value: Json): Json {
    return this.#blobsOut.out(value);
  }
}

function encodeOne(value: Value): Json {
  return encode(value);
}

function diagnosticError(
  diagnostics: readonly { kind: string; severity: string; message: string; hint?: string; span: object }[],
): FrameError {
  const first = diagnostics.find((finding) => finding.severity === 'error') ?? diagnostics[0]!;
  return {
    kind: first.kind,
    message: first.message,
    span: { ...first.span } as NonNullable<FrameError['span']>,
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  };
}

function effectError(thrown: unknown): FrameError {
  if (thrown instanceof CcosError) {
    return {
      kind: ERRORS[thrown.code].kind ?? 'CapabilityError',
      code: thrown.code,
      message: thrown.message,
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
    };
  }
  const message = thrown instanceof ErrorValue || thrown instanceof Error ? thrown.message : String(thrown);
  return { kind: 'CapabilityError', code: 'CAP_FAILED', message };
}
