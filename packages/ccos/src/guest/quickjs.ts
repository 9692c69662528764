/**
 * The guest on QuickJS (M10): the loop of `serve.ts` over two host functions that send and receive text. It has no
 * files: the host serves them (M7.8). Nothing here defends anything, the instance and its worker are the wall; but the
 * host functions are taken from the global object before a program runs, so that compiled programs find no way to the
 * channel there (M8.5).
 */
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
  /** UTF-8 and base64 by the worker: in here they take seconds for a value of megabytes. */
  ccosToBase64(text: string): string;
  ccosFromBase64(data: string): string;
  /** Digest of this bundle, as the worker that loaded it computed it. */
  ccosDigest(): string;
}

/** Text that is sent before the turn is over, so that a long turn needs no long string on either side. */
const FLUSH_CHARACTERS = 256 * 1024;

const NAMES = ['ccosSend', 'ccosReceive', 'ccosNow', 'ccosToBase64', 'ccosFromBase64', 'ccosDigest'] as const;

function take(): Host {
  const scope = globalThis as unknown as Record<string, unknown>;
  const host = Object.fromEntries(NAMES.map((name) => [name, scope[name]])) as unknown as Host;
  for (const name of NAMES) delete scope[name];
  return host;
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
    codec: { toBase64: host.ccosToBase64, fromBase64: host.ccosFromBase64 },
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
