/**
 * The guest on QuickJS (M10): the loop of `serve.ts` over two host functions that send and receive text. It has no
 * files: the host serves them (M7.8). Nothing here defends anything, the instance and its worker are the wall; but the
 * host functions are taken from the global object before a program runs, so that compiled programs find no way to the
 * channel there (M8.5).
 */
import { plainTextCodec } from '../microvm/base64.ts';
import { mathRandomFrom } from './random.ts';
import { GuestLoop } from './serve.ts';

/** What the engine's instance is given under these names. */
interface Host {
  /** Sends whole lines, each with its newline. */
  ccosSend(lines: string): void;
  /** Waits for whole lines, newlines between them; null when the host has gone. */
  ccosReceive(): string | null;
  /** Unix milliseconds, for the deadline. */
  ccosNow(): number;
  /** Digest of this bundle, as the worker that loaded it computed it. */
  ccosDigest(): string;
}

/** Text that is sent before the turn is over, so that a long turn needs no long string on either side. */
const FLUSH_CHARACTERS = 256 * 1024;

function take(): Host {
  const scope = globalThis as unknown as Partial<Host>;
  const { ccosSend, ccosReceive, ccosNow, ccosDigest } = scope as Host;
  delete scope.ccosSend;
  delete scope.ccosReceive;
  delete scope.ccosNow;
  delete scope.ccosDigest;
  return { ccosSend, ccosReceive, ccosNow, ccosDigest };
}

/** Serves the channel until the host says `bye` or goes away. */
function serve(host: Host): void {
  let outgoing = '';
  const flush = (): void => {
    if (outgoing !== '') host.ccosSend(outgoing);
    outgoing = '';
  };
  const loop = new GuestLoop({
    send(frame) {
      outgoing += `${JSON.stringify(frame)}\n`;
      if (outgoing.length > FLUSH_CHARACTERS) flush();
    },
    now: host.ccosNow,
    codec: plainTextCodec,
    bundleDigest: host.ccosDigest(),
    runtime: 'quickjs',
    seed: (entropy) => {
      Math.random = mathRandomFrom(entropy);
    },
  });
  while (!loop.over) {
    const lines = host.ccosReceive();
    if (lines === null) return;
    for (const line of lines.split('\n')) if (line !== '') loop.receive(line);
    loop.advance();
    flush();
  }
}

serve(take());
