/**
 * The part of the WebAssembly interface that is used here: it is declared for browsers alone, and this package has no
 * browser types.
 */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): { module: string; name: string; kind: string }[];
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, Function>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
    /** Adds pages; the number there were. Throws `RangeError` at the maximum. */
    grow(pages: number): number;
  }
  const Memory: { new (descriptor: { initial: number }): Memory };
  interface Global {
    value: number;
  }
}
