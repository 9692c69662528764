/** Cuts what the guest reads into lines (M8.2). Its host is trusted with their length; the host's own reader has a cap. */

const NEWLINE = 0x0a;

/** Most reads are whole lines, decoded at once; what is left of others waits for its end. */
export class LineReader {
  readonly #line: (line: string) => void;
  #rest: Buffer[] = [];

  constructor(line: (line: string) => void) {
    this.#line = line;
  }

  /** Takes bytes that the caller may use again afterwards. */
  take(bytes: Buffer): void {
    if (bytes[bytes.length - 1] === NEWLINE && this.#rest.length === 0) return this.#tell(bytes);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      this.#tell(Buffer.concat([...this.#rest, bytes.subarray(0, end)]));
      this.#rest = [];
    }
    if (end < bytes.length) this.#rest.push(Buffer.from(bytes.subarray(end)));
  }

  /** A newline's byte is part of no other character, so whole lines may be decoded together. */
  #tell(lines: Buffer): void {
    const text = lines.toString();
    for (let from = 0, at = text.indexOf('\n'); at >= 0; from = at + 1, at = text.indexOf('\n', from))
      this.#line(text.slice(from, at));
  }
}
