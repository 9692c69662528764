/**
 * Writes a maximum into the memory section of a WebAssembly module (M10.2, M20.10). The engine declares its own memory
 * without one, and a memory that is declared inside cannot be given one from outside.
 */

/** Bytes of a page of WebAssembly memory. */
export const PAGE_BYTES = 65_536;

const HEADER_BYTES = 8,
  MEMORY_SECTION = 5;
const HAS_MAXIMUM = 1;

/**
 * The same module with at most `pages` pages of memory. Throws `RangeError` for a module whose memory is not as the
 * engine's.
 */
export function withMemoryMaximum(module: Uint8Array, pages: number): Uint8Array<ArrayBuffer> {
  for (let at = HEADER_BYTES; at < module.length;) {
    const size = readUnsigned(module, at + 1);
    const end = size.next + size.value;
    if (module[at] === MEMORY_SECTION) {
      const body = memoryWithMaximum(module, size.next, pages);
      const section = [MEMORY_SECTION, ...unsigned(body.length), ...body];
      return concat(module.subarray(0, at), Uint8Array.from(section), module.subarray(end));
    }
    at = end;
  }
  throw new RangeError('the module declares no memory');
}

function memoryWithMaximum(module: Uint8Array, start: number, pages: number): number[] {
  const count = readUnsigned(module, start);
  const flags = module[count.next];
  if (count.value !== 1 || flags !== 0)
    throw new RangeError('the module declares its memory in another way than the engine does');
  const minimum = readUnsigned(module, count.next + 1);
  if (minimum.value > pages) throw new RangeError(`the module needs ${minimum.value} pages of memory`);
  return [1, HAS_MAXIMUM, ...unsigned(minimum.value), ...unsigned(pages)];
}

/** LEB128, the format's own way to write numbers. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

function readUnsigned(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let i = at, unit = 1; i < at + 5; i++, unit *= 128) {
    const byte = bytes[i];
    if (byte === undefined) break;
    value += (byte % 128) * unit;
    if (byte < 128) return { value, next: i + 1 };
  }
  throw new RangeError('the module is cut off');
}

function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
