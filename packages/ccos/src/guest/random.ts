/**
 * `Math.random` from the host's entropy (M8.3): an engine that is started from the same image, or from the same frozen
 * clock, would otherwise repeat its sequence. Not for secrets: what a program asks for at random comes from the host by
 * a call.
 */

/**
 * A generator of doubles in [0, 1), the same for the same seed: four words of state (sfc32), filled from the seed's
 * characters.
 */
export function mathRandomFrom(seed: string): () => number {
  let [a, b, c] = [seedWord(seed, 1), seedWord(seed, 2), seedWord(seed, 3)];
  let count = 1;
  const word = (): number => {
    const sum = (a + b + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // The first words still show the seed.
  for (let i = 0; i < 12; i++) word();
  return () => ((word() >>> 5) * 0x4000000 + (word() >>> 6)) / 0x20000000000000;
}

/** One word of state: FNV-1a over the characters, begun differently for each word. */
function seedWord(seed: string, salt: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(salt, 0x9e3779b1);
  for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
  return hash | 0;
}
