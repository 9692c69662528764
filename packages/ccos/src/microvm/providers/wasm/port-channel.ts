/**
 * The host's end of a wasm guest's channel (M8.1): a message port whose messages are whole lines, and the bell that
 * wakes the worker.
 */
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { Channel } from '../../channel.ts';
import { FRAME_BYTES_MAX } from '../../frames.ts';
import type { Meter } from './meter.ts';

/**
 * A channel over a message port. The worker waits while more than 4 MiB are unread, so the port's queue stays short
 * (M8.6).
 */
export class PortChannel implements Channel {
  readonly #port: MessagePort;
  readonly #meter: Meter;
  #line: (line: string) => void = () => {};
  #end: ((reason: string) => void) | null = null;
  #ended: string | null = null;
  #outgoing = '';
  #paused = false;
  readonly #unread: string[] = [];

  constructor(port: MessagePort, meter: Meter) {
    this.#port = port;
    this.#meter = meter;
    port.on('message', (text: unknown) => this.#take(text));
  }

  send(frame: object): void {
    if (this.#ended !== null) return;
    if (this.#outgoing === '') queueMicrotask(() => this.#flush());
    this.#outgoing += `${JSON.stringify(frame)}\n`;
  }
  onLine(listener: (line: string) => void): void {
    this.#line = listener;
  }
  onEnd(listener: (reason: string) => void): void {
    this.#end = listener;
    if (this.#ended !== null) queueMicrotask(() => listener(this.#ended ?? 'closed'));
  }
  pause(): void {
    this.#paused = true;
  }
  resume(): void {
    this.#paused = false;
    for (let text = this.#unread.shift(); text !== undefined; text = this.#paused ? undefined : this.#unread.shift())
      this.#deliver(text);
  }
  close(): void {
    this.end('closed');
  }

  /** Delivers what the worker sent before it ended, which may come after the news of its end. */
  drain(): void {
    this.resume();
    for (let next = receiveMessageOnPort(this.#port); next !== undefined; next = receiveMessageOnPort(this.#port))
      this.#take(next.message);
    this.resume();
  }

  /** Ends the channel; the first reason holds. */
  end(reason: string): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    // The port's close is what tells a worker that waits: it is woken by the bell and finds the port closed.
    this.#port.postMessage(null);
    this.#port.close();
    this.#meter.ring();
    this.#end?.(reason);
  }

  #flush(): void {
    const text = this.#outgoing;
    this.#outgoing = '';
    if (this.#ended !== null) return;
    this.#port.postMessage(text);
    this.#meter.ring();
  }

  #take(text: unknown): void {
    if (typeof text !== 'string') return this.end('over-cap');
    if (this.#paused) this.#unread.push(text);
    else this.#deliver(text);
  }

  #deliver(text: string): void {
    this.#meter.removeUnread(text.length);
    // A message is whole lines; a guest that leaves its newline out has said the same line.
    for (const line of text.split('\n')) {
      if (this.#ended !== null) return;
      if (line.length >= FRAME_BYTES_MAX) return this.end('over-cap');
      if (line !== '') this.#line(line);
    }
  }
}
