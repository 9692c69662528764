/** SHA-256 (FIPS 180-4) in plain JavaScript, since the language may use nothing of the host (R13.1). */

/** The first 32 bits of the fractional parts of a root of the first primes: the standard's constants, computed. */
function fractions(count: number, root: (x: bigint) => bigint): Uint32Array {
  const result = new Uint32Array(count);
  for (let candidate = 2, found = 0; found < count; candidate++) {
    let prime = true;
    for (let d = 2; d * d <= candidate; d++) if (candidate % d === 0) prime = false;
    if (prime) result[found++] = Number(BigInt.asUintN(32, root(BigInt(candidate))));
  }
  return result;
}

/** The greatest x with x^power <= n. */
function integerRoot(n: bigint, power: bigint): bigint {
  let low = 0n;
  let high = 1n << 64n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** power <= n) low = middle;
    else high = middle;
  }
  return low;
}

let constants: { readonly start: Uint32Array; readonly rounds: Uint32Array } | null = null;

function makeConstants(): { readonly start: Uint32Array; readonly rounds: Uint32Array } {
  return {
    start: fractions(8, (p) => integerRoot(p << 64n, 2n)),
    rounds: fractions(64, (p) => integerRoot(p << 96n, 3n)),
  };
}

/** The message with its padding: a one bit, zeros, and the length in bits as 64-bit number. */
function padded(bytes: Uint8Array): DataView {
  const size = Math.ceil((bytes.length + 9) / 64) * 64;
  const block = new Uint8Array(size);
  block.set(bytes);
  block[bytes.length] = 0x80;
  const view = new DataView(block.buffer);
  view.setUint32(size - 8, Math.floor(bytes.length / 0x20000000));
  view.setUint32(size - 4, (bytes.length * 8) >>> 0);
  return view;
}

function compress(state: Uint32Array, words: Uint32Array, rounds: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  // Rotations are written out, and what moves on does so one after the other: an engine that only interprets pays for each call,
  // and makes and walks an array for each destructuring.
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (rounds[i] as number) + (words[i] as number)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((x, i) => {
    state[i] = (state[i] ?? 0) + x;
  });
}

/** The digest of the bytes as 64 lower-case hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  const { start, rounds } = (constants ??= makeConstants());
  const state = Uint32Array.from(start);
  const view = padded(bytes);
  const words = new Uint32Array(64);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getUint32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const w15 = words[i - 15] as number;
      const w2 = words[i - 2] as number;
      const s0 = ((w15 >>> 7) | (w15 << 25)) ^ ((w15 >>> 18) | (w15 << 14)) ^ (w15 >>> 3);
      const s1 = ((w2 >>> 17) | (w2 << 15)) ^ ((w2 >>> 19) | (w2 << 13)) ^ (w2 >>> 10);
      words[i] = (words[i - 16] as number) + s0 + (words[i - 7] as number) + s1;
    }
    compress(state, words, rounds);
  }
  return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('');
}
