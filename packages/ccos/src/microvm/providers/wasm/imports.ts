/**
 * What the engine's module imports (M10.1). Four things answer: the host functions that the guest's own bundle was
 * given, the interrupt, the clock and the random source. Everything else is a stub that refuses; a test lists the
 * imports and calls each.
 */

/** WASI's error numbers for "bad descriptor" and "not implemented". */
const BADF = 8,
  NOSYS = 52,
  SUCCESS = 0;

/** What stands behind the imports that answer. Pointers are offsets in the module's memory. */
export interface EngineHost {
  memory(): WebAssembly.Memory;
  /** Unix milliseconds; frozen between two messages of the host. */
  now(): number;
  fillRandom(bytes: Uint8Array): void;
  /** True stops what runs, beyond any `catch` inside. */
  interrupt(): boolean;
  /** A host function by its name; returns the pointer of a value that the module frees. */
  call(name: string, args: readonly number[]): number;
}

/** The import object of one instance. */
export function engineImports(host: EngineHost): {
  env: Record<string, Function>;
  wasi_snapshot_preview1: Record<string, Function>;
} {
  const view = (): DataView => new DataView(host.memory().buffer);
  return {
    env: {
      host_call(name: number, nameBytes: number, _self: number, count: number, argv: number): number {
        const memory = view();
        const args = Array.from({ length: count }, (_, index) => memory.getUint32(argv + 4 * index, true));
        return host.call(String.fromCharCode(...new Uint8Array(host.memory().buffer, name, nameBytes)), args);
      },
      host_interrupt: (): number => (host.interrupt() ? 1 : 0),
      // A rejection nobody handles has no one to be told to: the bundle uses no promises.
      host_promise_rejection: (): void => {},
      // No module can be loaded: null is "not found" to the engine.
      host_module_normalize: (): number => 0,
      host_module_load: (): number => 0,
      // UTC, wherever the host is.
      host_get_timezone_offset: (): number => 0,
    },
    wasi_snapshot_preview1: {
      clock_time_get(_clock: number, _precision: bigint, result: number): number {
        view().setBigUint64(result, BigInt(Math.trunc(host.now())) * 1_000_000n, true);
        return SUCCESS;
      },
      random_get(into: number, length: number): number {
        host.fillRandom(new Uint8Array(host.memory().buffer, into, length));
        return SUCCESS;
      },
      fd_close: (): number => BADF,
      fd_fdstat_get: (): number => BADF,
      fd_seek: (): number => BADF,
      fd_write: (): number => NOSYS,
    },
  };
}
