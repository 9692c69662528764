/** What the compiled code of a guest on Node depends on: V8 refuses a cache that was made under other flags. */

/** Stack that a guest's Node is told it has, in KiB: enough for 50,000 frames of compiled code (R17.5). */
export const GUEST_STACK_KB = 72 * 1024;

/** The text that is compiled for a CommonJS bundle: the cache is made of this text and is good for no other. */
export function wrapped(source: string): string {
  return `(function (exports, require, module, __filename, __dirname) {${source}\n})`;
}

/** The name of the code cache of a bundle: V8 compares a text by its length alone, so the name bears the bundle's hash. */
export function cacheName(bundleHash: string): string {
  return `guest-${bundleHash.slice(0, 16)}.cache`;
}
