/** The guest of the mock provider: the same loop, in this process. */
import { GuestLoop } from '../../../guest/serve.ts';
import type { Channel } from '../../channel.ts';
import { nodeTextCodec } from '../../node-codec.ts';
import type { Exit, GuestProcess } from '../../provider.ts';

/** The digest that this guest names. */
export const MOCK_DIGEST = 'mock';
const UNMEASURED = { reason: 'mock runs in the process of CCOS itself' };

/** The guest's loop in this process. Frames cross as text, so that nothing but values does; each side runs in a turn of its own. */
export class InProcessGuest implements GuestProcess {
  readonly exited: Promise<Exit>;
  readonly channel: Channel;
  readonly enforcement = { time: 'machine', fuel: 'machine' };
  readonly #exit = Promise.withResolvers<Exit>();
  readonly #loop: GuestLoop;
  #line: (line: string) => void = () => {};
  #end: (reason: string) => void = () => {};
  #over = false;
  #advancing = false;

  constructor() {
    this.exited = this.#exit.promise;
    this.#loop = new GuestLoop({
      send: (frame) => {
        const line = JSON.stringify(frame);
        queueMicrotask(() => {
          if (!this.#over) this.#line(line);
        });
      },
      now: () => Date.now(),
      codec: nodeTextCodec,
      bundleDigest: MOCK_DIGEST,
      runtime: `node ${process.version}`,
      seed: () => {},
    });
    this.channel = {
      send: (frame) => this.#take(JSON.stringify(frame)),
      onLine: (listener) => {
        this.#line = listener;
      },
      onEnd: (listener) => {
        this.#end = listener;
      },
      close: () => {
        this.#finish();
      },
    };
  }

  stderrTail(): string {
    return '';
  }
  usage(): ReturnType<GuestProcess['usage']> {
    return Promise.resolve({ cpuTimeMs: UNMEASURED, peakMemoryBytes: UNMEASURED });
  }
  limitHit(): Promise<null> {
    return Promise.resolve(null);
  }
  kill(): Promise<Exit> {
    this.#finish();
    return this.exited;
  }
  mounts(): boolean {
    return false;
  }

  #take(line: string): void {
    if (this.#over) return;
    this.#loop.receive(line);
    if (this.#loop.over) return this.#finish();
    if (this.#advancing) return;
    this.#advancing = true;
    // A turn of its own, so that timers and cancellation of the host get theirs.
    setImmediate(() => {
      this.#advancing = false;
      if (!this.#over) this.#loop.advance();
    });
  }
  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#exit.resolve({ code: 0, signal: null });
    queueMicrotask(() => {
      this.#end('closed');
    });
  }
}
