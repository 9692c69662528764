/**
 * Launches and kills wasm guests (M10): one worker thread each. Everything else about a guest is shared by all
 * providers.
 */
import { randomBytes } from 'node:crypto';
import { MessageChannel, Worker } from 'node:worker_threads';
import { CcosError } from '../../../foundation/errors.ts';
import type { Exit, GuestLauncher, GuestProcess, GuestUsage, LaunchSpec, LimitHit } from '../../provider.ts';
import { engineModule, type GuestBundle } from './guest-bundle.ts';
import { PAGE_BYTES } from './memory-section.ts';
import { Meter } from './meter.ts';
import { PortChannel } from './port-channel.ts';
import type { WorkerData } from './worker.ts';

/**
 * The worker's own stack, four times the engine's linear one, so that the engine notices an overflow first (M20.10).
 */
const WORKER_STACK_MB = 64;
/** The worker's own heap holds messages and nothing of the program. */
const WORKER_HEAP_MB = 96,
  WORKER_YOUNG_MB = 16;

/** Which mechanism holds which limit (M5.3). There is no file and no process inside to be limited. */
const ENFORCEMENT = {
  time: 'host-timer',
  memory: 'quickjs-limit',
  cpuTime: 'thread-clock',
  output: 'channel',
  files: 'descriptor-walk',
  processes: 'none-exist',
  network: 'none-exist',
} as const;

/** What a launcher launches. `workerFile` is the built `wasm-worker.js`; `stackMb` the worker's own stack. */
export interface WasmLauncherOptions {
  readonly engine: Uint8Array;
  readonly bundle: GuestBundle;
  readonly workerFile: URL | string;
  readonly stackMb?: number;
}

/** The launcher of the wasm provider. */
export class WasmLauncher implements GuestLauncher {
  readonly #options: WasmLauncherOptions;
  /** Compiled modules by the memory that they allow; a module is shared between workers. */
  readonly #modules = new Map<number, WebAssembly.Module>();

  constructor(options: WasmLauncherOptions) {
    this.#options = options;
  }

  /** Starts a worker. What goes wrong inside shows as the end of its channel. Throws `LAUNCH_FAILED`, `CANCELLED`. */
  async launch(spec: LaunchSpec, signal: AbortSignal): Promise<GuestProcess> {
    if (signal.aborted) throw new CcosError('CANCELLED', 'The run was cancelled', { cause: signal.reason });
    const { memoryMb, cpuTimeMs } = spec.config.limits;
    const memoryBytes = memoryMb * 1024 * 1024;
    const { code, digest } = this.#options.bundle;
    const meter = new Meter();
    const { port1, port2 } = new MessageChannel();
    const data: WorkerData = {
      module: this.#module(memoryBytes),
      code,
      digest,
      port: port2,
      meter: meter.buffer,
      memoryBytes,
      cpuTimeMs,
      entropy: randomBytes(32),
      startedAt: Date.now(),
    };
    try {
      const worker = new Worker(this.#options.workerFile, {
        workerData: data,
        transferList: [port2],
        env: {},
        stdin: false,
        stdout: true,
        stderr: true,
        execArgv: [],
        resourceLimits: {
          stackSizeMb: this.#options.stackMb ?? WORKER_STACK_MB,
          maxOldGenerationSizeMb: WORKER_HEAP_MB,
          maxYoungGenerationSizeMb: WORKER_YOUNG_MB,
        },
        name: `ccos ${spec.executionId}`,
      });
      return new WasmGuest(worker, new PortChannel(port1, meter), meter);
    } catch (error) {
      port1.close();
      throw new CcosError('LAUNCH_FAILED', 'The worker of a wasm guest could not be started', {
        cause: error,
        hint: 'ccos doctor',
      });
    }
  }

  #module(memoryBytes: number): WebAssembly.Module {
    let module = this.#modules.get(memoryBytes);
    if (module === undefined)
      this.#modules.set(memoryBytes, (module = engineModule(this.#options.engine, memoryBytes)));
    return module;
  }
}

/** One worker and what is known of it. */
class WasmGuest implements GuestProcess {
  readonly channel: PortChannel;
  readonly exited: Promise<Exit>;
  readonly enforcement = ENFORCEMENT;
  readonly #worker: Worker;
  readonly #meter: Meter;
  #failure: Error | null = null;

  constructor(worker: Worker, channel: PortChannel, meter: Meter) {
    this.#worker = worker;
    this.#meter = meter;
    this.channel = channel;
    worker.on('error', (error: Error) => {
      this.#failure = error;
    });
    this.exited = new Promise((resolve) => {
      worker.once('exit', () => {
        channel.drain();
        channel.end(meter.cause === 'over-cap' ? 'over-cap' : 'closed');
        resolve({ code: null, signal: null });
      });
    });
  }

  /** What ended the worker, if not its guest: the name and message alone, no stack and so no path of the host. */
  stderrTail(): string {
    return this.#failure === null ? '' : `${this.#failure.name}: ${this.#failure.message}`.slice(0, 4_096);
  }

  /**
   * Cpu time of the thread and the size of the instance's memory, as last sampled: at the latest when the guest last
   * waited.
   */
  async usage(): Promise<GuestUsage> {
    const { cpuMs, pages } = this.#meter;
    return {
      cpuTimeMs: { value: cpuMs },
      peakMemoryBytes: pages === 0 ? { reason: 'the instance did not start' } : { value: pages * PAGE_BYTES },
    };
  }

  async limitHit(): Promise<LimitHit | null> {
    const { cause, cpuMs, pages } = this.#meter;
    if (cause === 'cpu') return { code: 'LIMIT_CPU', enforcement: ENFORCEMENT.cpuTime, measured: cpuMs };
    if (cause === 'out-of-memory')
      return { code: 'LIMIT_MEMORY', enforcement: ENFORCEMENT.memory, measured: pages * PAGE_BYTES };
    // The worker's own heap holds messages alone: it overflows when a guest makes the host's side hold too many.
    const ownHeap = (this.#failure as NodeJS.ErrnoException | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
    return ownHeap ? { code: 'LIMIT_MEMORY', enforcement: 'worker-heap', measured: null } : null;
  }

  async kill(): Promise<Exit> {
    await this.#worker.terminate();
    this.channel.close();
    return this.exited;
  }

  /** The instance has no files; the host serves them (M7.8). */
  mounts(): boolean {
    return false;
  }
}
