/**
 * The output stream of a run (P5.7): what plans print, escaped for terminals and cut at its cap. It is never parsed.
 */
import { visible } from '../foundation/controls.ts';

/** Bytes that one run may print. */
const OUTPUT_BYTES_MAX = 1024 * 1024;
/** One per run. */
export class RunOutput {
  readonly #write: (text: string) => void;
  #bytes = 0;
  #truncated = false;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** True once something was cut off. */
  get truncated(): boolean {
    return this.#truncated;
  }

  /** Prints a text; beyond the cap the rest is dropped and a line says so, once. */
  emit(text: string): void {
    if (this.#truncated) return;
    const safe = visible(text);
    const bytes = Buffer.byteLength(safe);
    if (this.#bytes + bytes <= OUTPUT_BYTES_MAX) {
      this.#bytes += bytes;
      this.#write(safe);
      return;
    }
    this.#truncated = true;
    // A cut within a character would print a replacement character: the streaming decoder leaves the part out.
    const kept = new TextDecoder().decode(Buffer.from(safe).subarray(0, OUTPUT_BYTES_MAX - this.#bytes), {
      stream: true,
    });
    this.#write(`${kept}\n[output truncated: a run prints at most ${OUTPUT_BYTES_MAX} bytes]\n`);
  }
}
