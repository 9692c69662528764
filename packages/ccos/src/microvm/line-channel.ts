/** The channel over a byte stream (M8.1): newline-delimited frames, written together once a turn, read with a cap (M8.2). */
import type { Duplex } from 'node:stream';
import type { Channel } from './channel.ts';
import { FRAME_BYTES_MAX } from './frames.ts';

const NEWLINE = 0x0a;
const SETTLED = Promise.resolve();

/** A channel over the host's end of a socket pair. */
export class LineChannel implements Channel {
  readonly #stream: Duplex;
  #line: (line: string) => void = () => {};
  #end: ((reason: string) => void) | null = null;
  #ended: string | null = null;
  #outgoing = '';
  #parts: Buffer[] = [];
  #partBytes = 0;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.once('end', () => this.#over('closed'));
    stream.once('close', () => this.#over('closed'));
    // A guest that dies while a write is on its way breaks the pipe: that is its end, not an error of ours.
    stream.on('error', (error: NodeJS.ErrnoException) => this.#over(error.code ?? 'broken'));
  }

  send(frame: object): void {
    if (this.#ended !== null) return;
    // A reaction of a promise is a microtask like that of `queueMicrotask`, without the bookkeeping of one.
    if (this.#outgoing === '') void SETTLED.then(this.#flush);
    this.#outgoing += `${JSON.stringify(frame)}\n`;
  }
  onLine(listener: (line: string) => void): void {
    this.#line = listener;
  }
  onEnd(listener: (reason: string) => void): void {
    this.#end = listener;
    if (this.#ended !== null) queueMicrotask(() => listener(this.#ended!));
  }
  pause(): void {
    this.#stream.pause();
  }
  resume(): void {
    this.#stream.resume();
  }
  close(): void {
    this.#over('closed');
    this.#stream.destroy();
  }

  readonly #flush = (): void => {
    const text = this.#outgoing;
    this.#outgoing = '';
    if (this.#ended === null) this.#stream.write(text);
  };

  #over(reason: string): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#parts = [];
    this.#end?.(reason);
  }

  #take(chunk: Buffer): void {
    // Most chunks are one line.
    if (this.#parts.length === 0 && chunk.indexOf(NEWLINE) === chunk.length - 1 && chunk.length <= FRAME_BYTES_MAX) {
      if (this.#ended === null) this.#line(chunk.toString('utf8', 0, chunk.length - 1));
      return;
    }
    for (let from = 0; this.#ended === null;) {
      const at = chunk.indexOf(NEWLINE, from);
      const piece = at < 0 ? chunk.subarray(from) : chunk.subarray(from, at);
      this.#partBytes += piece.length;
      if (this.#partBytes >= FRAME_BYTES_MAX) {
        this.#over('over-cap');
        this.#stream.destroy();
        return;
      }
      if (at < 0) {
        if (piece.length > 0) this.#parts.push(piece);
        return;
      }
      const line = this.#parts.length === 0 ? piece : Buffer.concat([...this.#parts, piece]);
      this.#parts = [];
      this.#partBytes = 0;
      this.#line(line.toString('utf8'));
      from = at + 1;
    }
  }
}
