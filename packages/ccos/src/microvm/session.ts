/**
 * The host's side of a guest (M8), the same over every wall: handshake, one run, its calls served through `GuestHost`, effects
 * run in the guest, deadline, cancellation and death. Whatever a guest sends ends in a value or a typed error, never in a hang.
 */
import { randomBytes } from 'node:crypto';
import { decode, encode, type Json, type Value } from '@ccos/rtfs/values';
import { asCcosError, CcosError } from '../foundation/errors.ts';
import type { Clock } from '../foundation/clock.ts';
import type { GuestEffects, GuestError, GuestHost, GuestReply, GuestStep } from '../model/guest-host.ts';
import type { RunLimits } from '../model/limits.ts';
import type { GrantedPath, Program } from '../model/program.ts';
import { BlobReader, BlobViolation, BlobWriter } from './blobs.ts';
import { FRAME_BYTES_MAX, PROTOCOL, UNANSWERED_MAX, type Frame, type FrameBody, type FrameType } from './frames.ts';
import { nodeTextCodec } from './node-codec.ts';
import { parseFrame } from './parse-frame.ts';
import { AnsweredErrors, effectError, outwardError } from './outward.ts';
import type { Exit, GuestProcess } from './provider.ts';

/** How long a guest may take to go by itself after a cancel or a `bye` (M3.4, M8.7). */
const LINGER_MS = 200;
/** Frames that wait behind a step before the channel is told to stop reading (M8.6). */
const WAITING_CHARACTERS_MAX = 4 * 1024 * 1024;
/** What the host may have on its way to the guest as blobs: replies are at most 16 MiB (O6.9). */
const HOST_BLOB_BYTES_MAX = 64 * 1024 * 1024;

/** What a session needs beside the guest itself. */
export interface SessionSettings {
  readonly guestHost: GuestHost;
  /** Digest of the bundle that was launched; the guest must name the same (M8.3). */
  readonly guestDigest: string;
  readonly limits: RunLimits;
  readonly clock: Clock;
}

/** What is sent to be run, and until when (monotonic milliseconds of the clock). */
export interface RunRequest {
  readonly program: Program;
  readonly args: readonly Value[];
  readonly input: Value;
  readonly deadline: number;
}

type Waiting<T> = PromiseWithResolvers<T>;
type GuestRequest = Frame<'call' | 'context' | 'pause' | 'checkpoint' | 'step' | 'result' | 'out'>;

/** One guest, from its first frame to its last. */
export class GuestSession {
  readonly #guest: GuestProcess;
  readonly #settings: SessionSettings;
  readonly #blobsIn: BlobReader;
  readonly #blobsOut: BlobWriter;
  readonly #answered = new AnsweredErrors();
  readonly #effects = new Map<string, Waiting<Value>>();
  readonly #queue: { frame: GuestRequest; size: number }[] = [];
  #queued = 0;
  #draining = false;
  #state: 'new' | 'starting' | 'ready' | 'running' | 'done' | 'failed' = 'new';
  #failure: CcosError | null = null;
  #idIn = -1;
  #idOut = 0;
  #unanswered = 0;
  #nonce = '';
  #run = '';
  #startedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #current: Waiting<unknown> = Promise.withResolvers<unknown>();
  #outBytes = 0;
  #cancelled = false;

  constructor(guest: GuestProcess, settings: SessionSettings) {
    this.#guest = guest;
    this.#settings = settings;
    this.#blobsIn = new BlobReader(nodeTextCodec, settings.limits.maxOutputBytes);
    this.#blobsOut = new BlobWriter(nodeTextCodec, (blob) => this.#send('blob', blob));
    guest.channel.onLine((line) => this.#line(line));
    guest.channel.onEnd((reason) => {
      void this.#ended(reason);
    });
  }

  /** Bytes of `out` frames so far. */
  get outBytes(): number {
    return this.#outBytes;
  }

  /** First frames (M8.3). Throws `STARTUP_TIMEOUT`, `HANDSHAKE_FAILED`, `LAUNCH_FAILED`, `PROTOCOL_VIOLATION`. */
  async handshake(): Promise<void> {
    const limit = this.#settings.limits.startupTimeoutMs;
    this.#state = 'starting';
    this.#nonce = randomBytes(32).toString('base64url');
    this.#timer = setTimeout(
      () =>
        this.#fail(
          new CcosError('STARTUP_TIMEOUT', `The guest did not answer within ${limit} ms`, {
            hint: 'ccos doctor shows which walls work here',
            details: { limitMs: limit, stderr: this.#guest.stderrTail() },
          }),
        ),
      limit,
    );
    this.#send('hello', {
      protocols: [PROTOCOL],
      nonce: this.#nonce,
      entropy: randomBytes(32).toString('base64url'),
      time: this.#settings.clock.now(),
      limits: { unanswered: UNANSWERED_MAX, blobBytes: HOST_BLOB_BYTES_MAX },
      frameCap: FRAME_BYTES_MAX,
    });
    await this.#current.promise;
  }

  /** Runs one program; the value it gave. Throws what ended it: its own error, a `LIMIT_*`, `GUEST_CRASH`, `PROTOCOL_VIOLATION`, `CANCELLED`. */
  async run(request: RunRequest): Promise<Value> {
    const { fuel, memoryMb } = this.#settings.limits;
    const left = this.#begin(request.deadline);
    this.#send('run', {
      run: this.#run,
      program: this.#out({ ...request.program }),
      args: this.#out(request.args.map((arg) => encode(arg))),
      input: this.#out(encode(request.input)),
      config: { fuel, deadlineMs: Math.ceil(left), memoryBytes: memoryMb * 1024 * 1024 },
      env: {},
    });
    return (await this.#current.promise) as Value;
  }

  /** Runs one effect in a guest that runs nothing else (M4.4). Throws the effect's error, or what ended the guest. */
  async effect(capability: string, args: readonly Value[], granted: GrantedPath, deadline: number): Promise<Value> {
    this.#begin(deadline);
    const value = this.#effect(capability, args, granted);
    value.then(
      () => {
        this.#done();
      },
      () => {
        this.#done();
      },
    );
    return (await Promise.race([value, this.#current.promise])) as Value;
  }

  /** Tells the guest to stop and kills it after 200 ms (M3.4). The run ends with `CANCELLED`. */
  cancel(): void {
    if (this.#state === 'failed' || this.#state === 'done' || this.#cancelled) return;
    this.#cancelled = true;
    if (this.#state === 'running') this.#send('cancel', { run: this.#run });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail(cancelled()), this.#state === 'running' ? LINGER_MS : 0);
  }

  /**
   * Sends the guest home: `bye`, 200 ms, then a kill (M8.7). Throws when something it still sent breaks the rules, a second result
   * or a call after it, so that no such run counts as completed (M8.4).
   */
  async close(): Promise<Exit> {
    if (this.#state !== 'failed') this.#send('bye', {});
    const timer = setTimeout(() => {
      void this.#guest.kill();
    }, LINGER_MS);
    try {
      await this.#guest.exited;
      const exit = await this.#guest.kill();
      if (this.#failure !== null) throw this.#failure;
      return exit;
    } finally {
      clearTimeout(timer);
      this.#guest.channel.close();
    }
  }

  #begin(deadline: number): number {
    if (this.#failure !== null) throw this.#failure;
    if (this.#state !== 'ready') throw new CcosError('INTERNAL', 'A guest that is not ready was asked to run');
    this.#state = 'running';
    this.#run = randomBytes(16).toString('hex');
    this.#startedAt = this.#settings.clock.monotonic();
    this.#current = Promise.withResolvers<unknown>();
    const left = Math.max(0, deadline - this.#startedAt);
    this.#timer = setTimeout(() => this.#fail(this.#late('host-timer')), left);
    return left;
  }

  #late(enforcement: string): CcosError {
    const measured = Math.round(this.#settings.clock.monotonic() - this.#startedAt);
    return timeError(this.#settings.limits.timeoutMs, measured, enforcement);
  }

  #send<T extends FrameType>(t: T, body: FrameBody<T>): void {
    this.#guest.channel.send({ v: PROTOCOL, id: this.#idOut++, t, ...body });
  }
  #out(value: Json): Json {
    return this.#blobsOut.out(value);
  }

  #line(line: string): void {
    if (this.#state === 'failed') return;
    const parsed = parseFrame(line, 'guest', this.#idIn);
    if ('violation' in parsed) return this.#violation(parsed.violation);
    const { frame } = parsed;
    this.#idIn = frame.id;
    if (frame.t === 'log') return;
    if (frame.t === 'ready') return this.#ready(frame);
    if (frame.t === 'blob') return this.#guarded(() => this.#blobsIn.take(frame));
    if (this.#state !== 'running') return this.#violation(`frame '${frame.t}' out of state`);
    const request = frame as GuestRequest;
    if (request.t !== 'step' && !this.#draining) return this.#actGuarded(request);
    this.#queue.push({ frame: request, size: line.length });
    this.#queued += line.length;
    if (this.#queued > WAITING_CHARACTERS_MAX) this.#guest.channel.pause?.();
    if (!this.#draining) void this.#drain();
  }

  /** Acts on what waits behind a step, in its order: a step is recorded before what follows it (O5.1). */
  async #drain(): Promise<void> {
    this.#draining = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (this.#state === 'failed') break;
      this.#queued -= next.size;
      const { frame } = next;
      if (frame.t !== 'step') this.#actGuarded(frame);
      else await this.#step(frame);
    }
    this.#queue.length = 0;
    this.#queued = 0;
    this.#draining = false;
    this.#guest.channel.resume?.();
  }

  #actGuarded(frame: Exclude<GuestRequest, Frame<'step'>>): void {
    try {
      this.#act(frame);
    } catch (thrown) {
      this.#thrown(thrown);
    }
  }

  #act(frame: Exclude<GuestRequest, Frame<'step'>>): void {
    if (this.#state !== 'running') return this.#violation(`frame '${frame.t}' after the result`);
    if (frame.t === 'result' && frame.run !== this.#run) return this.#effectResult(frame);
    if (frame.run !== this.#run) return this.#violation('a run that is not current');
    if (frame.t === 'result') return this.#result(frame);
    if (frame.t === 'out') return this.#output(frame);
    // At most 8 requests are open at once (M8.6).
    if (++this.#unanswered > UNANSWERED_MAX) return this.#violation(`more than ${UNANSWERED_MAX} unanswered calls`);
    void this.#answer(frame.id, this.#ask(frame));
  }

  #ask(frame: Frame<'call' | 'context' | 'pause' | 'checkpoint'>): Promise<GuestReply> {
    const host = this.#settings.guestHost;
    switch (frame.t) {
      case 'context':
        return host.context(frame.path, frame.key);
      case 'pause':
        return host.pause(frame.path, frame.ms);
      case 'checkpoint':
        return host.checkpoint(frame.path, frame.label, this.#blobsIn.in(frame.context));
      case 'call': {
        const { path, step, capability, exposure, timeoutMs } = frame;
        const args = this.#values(this.#blobsIn.in(frame.args));
        const hints = this.#blobsIn.in(frame.hints);
        return host.call({ path, step, capability, args, exposure, hints, timeoutMs }, this.#guestEffects);
      }
    }
  }

  readonly #guestEffects: GuestEffects = {
    covers: (granted) => this.#state === 'running' && this.#guest.mounts(granted.grant.path, granted.grant.access),
    run: (capability, args, granted) => this.#effect(capability, args, granted),
  };

  #values(list: Json): Value[] {
    if (!Array.isArray(list)) throw new BlobViolation("'args' is not a list");
    return list.map((item) => decode(item as Json));
  }

  /** Each request gets exactly one reply. */
  async #answer(re: number, asked: Promise<GuestReply>): Promise<void> {
    try {
      const reply = await asked;
      this.#unanswered--;
      this.#reply(re, reply);
    } catch (thrown) {
      this.#fail(asCcosError(thrown));
    }
  }

  #reply(re: number, reply: GuestReply): void {
    if (this.#state !== 'running') return;
    if ('ok' in reply) {
      // A long value's own frames have their ids before this one's.
      const value = this.#out(encode(reply.ok));
      this.#guest.channel.send({ v: PROTOCOL, id: this.#idOut++, t: 'reply', re, ok: true, value });
      return;
    }
    this.#answered.add(reply.error);
    this.#send('reply', { re, ok: false, error: this.#errorOut(reply.error) });
  }

  #errorOut(error: GuestError): FrameBody<'reply'>['error'] & {} {
    const { kind, message, data } = error;
    return { kind, message, ...(data === undefined ? {} : { data: this.#out(encode(data)) }) };
  }

  async #step(frame: Frame<'step'>): Promise<void> {
    if (this.#state !== 'running' || frame.run !== this.#run) return this.#violation('a step outside its run');
    try {
      const { event, path, name, attempt, value, error } = frame;
      const step: GuestStep = {
        event,
        path,
        name,
        attempt,
        ...(value === undefined ? {} : { value: this.#blobsIn.in(value) }),
        ...(error === undefined
          ? {}
          : {
              error: {
                kind: error.kind,
                message: error.message,
                ...(error.data === undefined ? {} : { data: decode(this.#blobsIn.in(error.data)) }),
              },
            }),
      };
      const reply = await this.#settings.guestHost.step(step);
      if (event === 'started') this.#reply(frame.id, reply);
    } catch (thrown) {
      this.#thrown(thrown);
    }
  }

  #effect(capability: string, args: readonly Value[], granted: GrantedPath): Promise<Value> {
    if (this.#state !== 'running')
      return Promise.reject(this.#failure ?? new CcosError('GUEST_CRASH', 'The guest ended before the effect'));
    const run = randomBytes(16).toString('hex');
    const waiting = Promise.withResolvers<Value>();
    this.#effects.set(run, waiting);
    this.#send('effect', {
      run,
      capability,
      args: this.#out(args.map((arg) => encode(arg))),
      grant: grantJson(granted),
    });
    return waiting.promise;
  }

  #effectResult(frame: Frame<'result'>): void {
    const waiting = this.#effects.get(frame.run);
    if (waiting === undefined) return this.#violation('a run that is not current');
    this.#effects.delete(frame.run);
    if (frame.ok) return waiting.resolve(decode(this.#blobsIn.in(frame.value!)));
    const error = effectError(frame.error!);
    if (error === null) return this.#violation('an effect that fails with a code which is not its own');
    waiting.reject(error);
  }

  #result(frame: Frame<'result'>): void {
    const { ok, value, error } = frame;
    const answer = ok
      ? decode(this.#blobsIn.in(value!))
      : this.#guestError({ ...error!, ...(error!.data === undefined ? {} : { data: this.#blobsIn.in(error!.data) }) });
    const { resolve, reject } = this.#current;
    this.#done();
    if (this.#cancelled) reject(cancelled());
    else if (answer instanceof CcosError) reject(answer);
    else resolve(answer);
  }

  #guestError(error: Parameters<typeof outwardError>[0]): CcosError {
    const outward = outwardError(error, this.#answered);
    // One situation has one code and one message, whoever notices it (E1.6).
    if (outward.code === 'LIMIT_MEMORY') {
      const enforcement = this.#guest.enforcement['memory'] ?? 'machine';
      return limitError({ code: 'LIMIT_MEMORY', enforcement, measured: null }, this.#settings.limits);
    }
    return outward.code === 'LIMIT_TIME' ? this.#late('machine') : outward;
  }

  #done(): void {
    if (this.#state !== 'running') return;
    this.#state = 'done';
    clearTimeout(this.#timer);
    this.#abandonEffects(new CcosError('GUEST_CRASH', 'The guest ended before the effect'));
  }

  #output(frame: Frame<'out'>): void {
    this.#outBytes += Math.floor((frame.data.length * 3) / 4);
  }

  #ready(frame: Frame<'ready'>): void {
    if (this.#state !== 'starting') return this.#violation("frame 'ready' out of state");
    const wrong =
      frame.nonce !== this.#nonce
        ? 'nonce'
        : frame.protocol !== PROTOCOL
          ? 'protocol'
          : frame.guest !== this.#settings.guestDigest
            ? 'guest digest'
            : null;
    if (wrong !== null) {
      return this.#fail(
        new CcosError('HANDSHAKE_FAILED', `The guest answered with another ${wrong}`, {
          hint: 'build again: npm run build',
          details: { what: wrong, expected: this.#settings.guestDigest, got: frame.guest },
        }),
      );
    }
    clearTimeout(this.#timer);
    this.#state = 'ready';
    this.#current.resolve(undefined);
  }

  /** Runs what acts on guest data: what that data breaks is the guest's violation, everything else a defect. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (thrown) {
      this.#thrown(thrown);
    }
  }
  #thrown(thrown: unknown): void {
    if (thrown instanceof BlobViolation) this.#violation(thrown.message);
    else if (thrown instanceof CcosError) this.#fail(thrown);
    else if (isErrorValue(thrown)) this.#violation(thrown.message);
    else this.#fail(asCcosError(thrown));
  }

  #violation(reason: string): void {
    this.#fail(
      new CcosError('PROTOCOL_VIOLATION', `The guest broke the rules of its channel: ${reason}`, {
        details: { reason },
      }),
    );
  }

  async #ended(reason: string): Promise<void> {
    if (reason === 'over-cap') return this.#violation(`frame over ${FRAME_BYTES_MAX} bytes`);
    if (this.#state === 'failed' || this.#state === 'done') return;
    const starting = this.#state === 'starting' || this.#state === 'ready';
    // The frames that came before the end still count: a result among them is the run's.
    while (this.#draining)
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    if (this.#isOver()) return;
    const exit = await settle(this.#guest);
    const hit = await this.#guest.limitHit();
    this.#fail(
      this.#cancelled
        ? cancelled()
        : hit !== null
          ? limitError(hit, this.#settings.limits)
          : crash(exit, this.#guest.stderrTail(), starting),
    );
  }
  #isOver(): boolean {
    return this.#state === 'failed' || this.#state === 'done';
  }

  #fail(error: CcosError): void {
    if (this.#state === 'failed') return;
    this.#state = 'failed';
    this.#failure = error;
    clearTimeout(this.#timer);
    this.#abandonEffects(error);
    void this.#guest.kill();
    // Nobody may be waiting yet or any more; the failure is kept for whoever asks next.
    this.#current.promise.catch(() => {});
    this.#current.reject(error);
  }

  #abandonEffects(error: CcosError): void {
    for (const waiting of this.#effects.values()) {
      waiting.promise.catch(() => {});
      waiting.reject(error);
    }
    this.#effects.clear();
  }
}

function cancelled(): CcosError {
  return new CcosError('CANCELLED', 'The run was cancelled', { hint: 'start it again: ccos run' });
}

function isErrorValue(thrown: unknown): thrown is { message: string } {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'kind' in thrown &&
    'message' in thrown &&
    !(thrown instanceof Error)
  );
}

function grantJson(granted: GrantedPath): Json {
  const { path, asWritten, kind, access } = granted.grant;
  return { grant: { path, asWritten, kind, access }, relative: granted.relative };
}

/** The exit of a guest whose channel ended; one that stays is killed after the linger. */
async function settle(guest: GuestProcess): Promise<Exit> {
  const timer = setTimeout(() => {
    void guest.kill();
  }, LINGER_MS);
  try {
    return await guest.exited;
  } finally {
    clearTimeout(timer);
  }
}

/** The end of a run's time, the same whoever notices it (E1.6). Milliseconds; `enforcement` is who ended the run. */
export function timeError(timeoutMs: number, measured: number, enforcement: string): CcosError {
  return new CcosError('LIMIT_TIME', `The run took longer than ${timeoutMs} ms`, {
    hint: `allow more time: --timeout ${Math.max(1, Math.ceil((timeoutMs * 2) / 1000))}s`,
    details: { limit: 'timeoutMs', value: timeoutMs, measured, enforcement },
  });
}

/** The limit that explains a death (M5.1). */
export function limitError(
  hit: { code: 'LIMIT_MEMORY' | 'LIMIT_CPU'; enforcement: string; measured: number | null },
  limits: RunLimits,
): CcosError {
  const memory = hit.code === 'LIMIT_MEMORY';
  const value = memory ? limits.memoryMb : limits.cpuTimeMs;
  return new CcosError(
    hit.code,
    memory
      ? `The guest used up its memory: out of memory at ${value} MB`
      : `The guest used more than ${value} ms of cpu time`,
    {
      ...(memory
        ? { hint: `allow more memory: --memory ${limits.memoryMb * 2}` }
        : { hint: "raise the policy's cpu time" }),
      details: {
        limit: memory ? 'memoryMb' : 'cpuTimeMs',
        value,
        measured: hit.measured,
        enforcement: hit.enforcement,
      },
    },
  );
}

function crash(exit: Exit, stderr: string, starting: boolean): CcosError {
  const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  return starting
    ? new CcosError('LAUNCH_FAILED', `The guest did not start: ${how}${stderr === '' ? '' : `: ${lastLine(stderr)}`}`, {
        hint: 'ccos doctor shows which walls work here',
        details: { ...exit, stderr },
      })
    : new CcosError('GUEST_CRASH', `The guest died: ${how}`, {
        details: { exitCode: exit.code, signal: exit.signal, stderr },
      });
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)!.slice(0, 500);
}
