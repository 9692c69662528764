/**
 * QuickJS in WebAssembly, driven through its raw exports: nothing of the host's objects, messages or stacks is handed
 * inside. One instance runs one bundle; whatever throws through it makes it unusable, and it is thrown away.
 */
import { engineImports } from './imports.ts';
import { PAGE_BYTES } from './memory-section.ts';

/**
 * The linear stack (M20.10): room for 10,000 frames of the largest shape; the worker's own stack is four times as
 * large.
 */
export const STACK_BYTES = 16 * 1024 * 1024;
/** Left below QuickJS's own limit, for what it does when that is reached. */
const STACK_RESERVE_BYTES = 256 * 1024;

/** QuickJS's intrinsics that the bundle uses: date, eval, regexp, json, proxy, maps, typed arrays, promise, bigint. */
const INTRINSICS = 1 | 2 | 4 | 8 | 16 | 32 | 64 | 128 | 256;

/** What `compile` leaves out of the bytecode: the source text. Line numbers stay, for errors. */
const STRIP_SOURCE = 16;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly __stack_pointer: WebAssembly.Global;
  _initialize(): void;
  qjs_init2(intrinsics: number): number;
  qjs_get_quickjs_version(): number;
  qjs_set_max_stack_size(bytes: number): void;
  qjs_set_memory_limit(bytes: number): void;
  qjs_set_interrupt_handler(on: number): void;
  qjs_compute_memory_usage(into: number): void;
  qjs_eval(code: number, bytes: number, file: number, flags: number): number;
  qjs_compile(code: number, bytes: number, file: number, flags: number, writeFlags: number, outLength: number): number;
  qjs_eval_bytecode(bytes: number, length: number): number;
  qjs_is_exception(value: number): number;
  qjs_get_exception(): number;
  qjs_free_value(value: number): void;
  qjs_dup_value(value: number): number;
  qjs_get_undefined(): number;
  qjs_get_null(): number;
  qjs_get_global(): number;
  qjs_new_number(value: number): number;
  qjs_new_string(bytes: number, length: number): number;
  qjs_new_host_function(name: number, length: number, arity: number): number;
  qjs_set_prop_string(object: number, name: number, value: number): void;
  qjs_get_prop_string(object: number, name: number): number;
  qjs_is_string(value: number): number;
  qjs_get_string_len(value: number, outLength: number): number;
  qjs_free_cstring(bytes: number): void;
  wasm_malloc(bytes: number): number;
  wasm_free(pointer: number): void;
}

/** What a host function of the guest takes and gives. */
export type HostFunction = (argument: string | null) => string | number | null;

/** What an instance is given. */
export interface EngineOptions {
  /** The host functions, by their names on the global object. Each takes one string. */
  readonly functions: Readonly<Record<string, HostFunction>>;
  /** See `EngineHost`. */
  now(): number;
  fillRandom(bytes: Uint8Array): void;
  interrupt(): boolean;
}

/**
 * Code for the engine: source text, or bytecode that the same engine compiled before. Bytecode is trusted: whoever
 * loads it checks its digest.
 */
export type EngineCode = { readonly source: string } | { readonly bytecode: Uint8Array };

/** How a bundle ended that did not end by itself. */
export class EngineFailure extends Error {
  readonly reason: 'out-of-memory' | 'interrupted' | 'threw';
  constructor(reason: EngineFailure['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

const OUT_OF_MEMORY = 'out of memory';

/** One QuickJS instance. */
export class Engine {
  readonly #exports: Exports;
  readonly #functions: Readonly<Record<string, HostFunction>>;

  /**
   * Instantiates the engine's module with an enlarged stack (M10.5). Throws `EngineFailure` where its memory does not
   * suffice.
   */
  constructor(module: WebAssembly.Module, options: EngineOptions) {
    this.#functions = options.functions;
    const imports = engineImports({
      memory: () => this.#exports.memory,
      now: options.now,
      fillRandom: options.fillRandom,
      interrupt: options.interrupt,
      call: (name, args) => this.#call(name, args),
    });
    this.#exports = new WebAssembly.Instance(module, { ...imports }).exports as unknown as Exports;
    this.#growStack();
    this.#exports._initialize();
    if (this.#exports.qjs_init2(INTRINSICS) !== 0) throw new EngineFailure('out-of-memory', OUT_OF_MEMORY);
    this.#exports.qjs_set_max_stack_size(STACK_BYTES - STACK_RESERVE_BYTES);
    this.#exports.qjs_set_interrupt_handler(1);
    this.#exposeFunctions();
  }

  /** The version of QuickJS inside. */
  get version(): string {
    const at = this.#exports.qjs_get_quickjs_version();
    const memory = Buffer.from(this.#exports.memory.buffer);
    return memory.toString('latin1', at, memory.indexOf(0, at));
  }

  /** Bytes of linear memory, which only grows: what the instance ever needed, the stack included. */
  get memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /** Bytes that are allocated now, as QuickJS counts them against its limit. */
  get allocatedBytes(): number {
    const into = this.#allocate(26 * 8);
    this.#exports.qjs_compute_memory_usage(into);
    const bytes = Number(new DataView(this.#exports.memory.buffer).getBigInt64(into, true));
    this.#exports.wasm_free(into);
    return bytes;
  }

  /** Allows `bytes` beyond what is allocated now; more is "out of memory" inside. */
  allow(bytes: number): void {
    // The engine takes a 32-bit number, and its memory ends at 4 GiB anyway.
    this.#exports.qjs_set_memory_limit(Math.min(this.allocatedBytes + bytes, 0xffff_f000));
  }

  /** Runs code to its end. Throws `EngineFailure`; a trap or stack overflow of the instance as the host's own error. */
  run(code: EngineCode): void {
    const result = 'bytecode' in code ? this.#runBytecode(code.bytecode) : this.#runSource(code.source);
    const failed = this.#exports.qjs_is_exception(result) !== 0;
    this.#exports.qjs_free_value(result);
    if (failed) throw this.#failure();
  }

  /** Source as bytecode of this very engine, without its text. Throws `EngineFailure`. */
  compile(source: string): Uint8Array {
    const code = this.#write(source),
      file = this.#write('guest.js'),
      outLength = this.#allocate(4);
    const bytes = this.#exports.qjs_compile(code.pointer, code.length, file.pointer, 0, STRIP_SOURCE, outLength);
    if (bytes === 0) throw this.#failure();
    const length = new DataView(this.#exports.memory.buffer).getUint32(outLength, true);
    const copy = new Uint8Array(this.#exports.memory.buffer, bytes, length).slice();
    for (const pointer of [bytes, outLength, file.pointer, code.pointer]) this.#exports.wasm_free(pointer);
    return copy;
  }

  #growStack(): void {
    const { memory, __stack_pointer: top } = this.#exports;
    try {
      memory.grow(STACK_BYTES / PAGE_BYTES);
    } catch {
      throw new EngineFailure('out-of-memory', OUT_OF_MEMORY);
    }
    top.value = memory.buffer.byteLength;
  }

  #exposeFunctions(): void {
    const global = this.#exports.qjs_get_global();
    for (const name of Object.keys(this.#functions)) {
      const text = this.#write(name);
      const value = this.#exports.qjs_new_host_function(text.pointer, text.length, 1);
      this.#exports.qjs_set_prop_string(global, text.pointer, value);
      this.#exports.qjs_free_value(value);
      this.#exports.wasm_free(text.pointer);
    }
  }

  #runSource(source: string): number {
    const code = this.#write(source),
      file = this.#write('guest.js');
    const result = this.#exports.qjs_eval(code.pointer, code.length, file.pointer, 0);
    this.#exports.wasm_free(code.pointer);
    this.#exports.wasm_free(file.pointer);
    return result;
  }

  #runBytecode(bytecode: Uint8Array): number {
    const pointer = this.#allocate(bytecode.length);
    new Uint8Array(this.#exports.memory.buffer).set(bytecode, pointer);
    const result = this.#exports.qjs_eval_bytecode(pointer, bytecode.length);
    this.#exports.wasm_free(pointer);
    return result;
  }

  #failure(): EngineFailure {
    const thrown = this.#exports.qjs_get_exception();
    const message = this.#property(thrown, 'message') ?? this.#text(thrown) ?? 'an unknown error';
    const name = this.#property(thrown, 'name');
    this.#exports.qjs_free_value(thrown);
    if (name === 'InternalError' && message === OUT_OF_MEMORY) return new EngineFailure('out-of-memory', message);
    if (name === 'InternalError' && message === 'interrupted') return new EngineFailure('interrupted', message);
    return new EngineFailure('threw', name === null ? message : `${name}: ${message}`);
  }

  #property(object: number, name: string): string | null {
    const text = this.#write(name);
    const value = this.#exports.qjs_get_prop_string(object, text.pointer);
    this.#exports.wasm_free(text.pointer);
    const found = this.#text(value);
    this.#exports.qjs_free_value(value);
    return found;
  }

  #call(name: string, args: readonly number[]): number {
    const act = this.#functions[name];
    if (act === undefined) throw new EngineFailure('threw', 'an unknown host function was called');
    const answer = act(args[0] === undefined ? null : this.#text(args[0]));
    if (typeof answer === 'number') return this.#exports.qjs_new_number(answer);
    if (answer === null) return this.#exports.qjs_dup_value(this.#exports.qjs_get_null());
    const text = this.#write(answer);
    const value = this.#exports.qjs_new_string(text.pointer, text.length);
    this.#exports.wasm_free(text.pointer);
    return value;
  }

  /** A string's text, or null for any other value: no conversion, since that would run code inside. */
  #text(value: number): string | null {
    if (this.#exports.qjs_is_string(value) === 0) return null;
    const outLength = this.#allocate(4);
    const bytes = this.#exports.qjs_get_string_len(value, outLength);
    if (bytes === 0) throw new EngineFailure('out-of-memory', OUT_OF_MEMORY);
    const length = new DataView(this.#exports.memory.buffer).getUint32(outLength, true);
    const text = Buffer.from(this.#exports.memory.buffer, bytes, length).toString('utf8');
    this.#exports.qjs_free_cstring(bytes);
    this.#exports.wasm_free(outLength);
    return text;
  }

  #write(text: string): { readonly pointer: number; readonly length: number } {
    const bytes = Buffer.from(text, 'utf8');
    const pointer = this.#allocate(bytes.length + 1);
    const memory = new Uint8Array(this.#exports.memory.buffer);
    memory.set(bytes, pointer);
    memory[pointer + bytes.length] = 0;
    return { pointer, length: bytes.length };
  }

  #allocate(bytes: number): number {
    const pointer = this.#exports.wasm_malloc(bytes);
    if (pointer === 0) throw new EngineFailure('out-of-memory', OUT_OF_MEMORY);
    return pointer;
  }
}
