/**
 * The wasm provider (M10): QuickJS in WebAssembly in a worker thread. It needs nothing but npm; files are served by the
 * host (M7.8).
 */
import { join } from 'node:path';
import { bundleFolder } from '../../../foundation/bundle-path.ts';
import { asCcosError, CcosError } from '../../../foundation/errors.ts';
import type { ExecutionContext } from '../../../security/execution-context.ts';
import { GuestProvider } from '../../guest-provider.ts';
import type { GuestKit } from '../../launched.ts';
import type { Availability, Check } from '../../provider.ts';
import { probeMemory } from '../../probe-memory.ts';
import { trivialRun } from '../../trivial-run.ts';
import { Engine } from './engine.ts';
import { enginePath, readBundle, readEngine, type GuestBundle } from './guest-bundle.ts';
import { WasmLauncher } from './launcher.ts';

/** M3.9. Every key acts or is refused. */
const SCHEMA = { type: 'object', additionalProperties: false, properties: {} } as const;

/** Where the provider finds its parts; the defaults are the built ones. */
export interface WasmOptions {
  readonly bundle?: GuestBundle;
  readonly workerFile?: URL | string;
  readonly maxConcurrent?: number;
  /** Keeps a passed probe for the next process (M4.6). */
  readonly remember?: boolean;
}

/** A provider that is not initialised yet. */
export function wasmProvider(options: WasmOptions = {}): GuestProvider {
  const prepare = async (): Promise<GuestKit> => wasmKit(options);
  return new GuestProvider({
    name: 'wasm',
    isolation: 'wasm',
    schema: SCHEMA,
    prepare,
    admit,
    probe: () => probeWasm(prepare),
    image: { reason: 'no image' },
    exitCode: () => ({ reason: 'a thread has no exit code' }),
    ...(options.remember === true ? { memory: probeMemory('wasm', wasmFiles(options)) } : {}),
    ...(options.maxConcurrent === undefined ? {} : { maxConcurrent: options.maxConcurrent }),
  });
}

/** What a probe depends on. */
function wasmFiles({ workerFile = join(bundleFolder(), 'wasm-worker.js') }: WasmOptions): string[] {
  const folder = bundleFolder();
  return [
    enginePath(),
    String(workerFile),
    ...['guest-quickjs.js', 'guest-quickjs.js.bytecode'].map((name) => join(folder, name)),
  ];
}

/** Reads the engine and the bundle. Throws `LAUNCH_FAILED` for what cannot be read. */
export function wasmKit(options: WasmOptions = {}): GuestKit {
  const engine = readEngine();
  const bundle = options.bundle ?? readBundle(engine);
  const workerFile = options.workerFile ?? join(bundleFolder(), 'wasm-worker.js');
  return { launcher: new WasmLauncher({ engine, bundle, workerFile }), guestDigest: bundle.digest };
}

/** M5: a thread cannot be given a part of a core. */
function admit({ config: { limits } }: ExecutionContext): void {
  if (limits.cpuShare >= 1) return;
  throw new CcosError('ENFORCEMENT_UNAVAILABLE', `The wasm provider cannot hold a cpu share of ${limits.cpuShare}`, {
    hint: 'use --provider process, or leave out --cpu',
    details: { provider: 'wasm', limit: 'cpuShare', value: limits.cpuShare },
  });
}

async function probeWasm(prepare: () => Promise<GuestKit>): Promise<Availability> {
  const checks: Check[] = [];
  const started = performance.now();
  try {
    const version = `quickjs ${engineVersion()}`;
    checks.push({ name: 'engine', ok: true, detail: version });
    const enforcement = await trivialRun(await prepare());
    checks.push({ name: 'launch', ok: true, detail: 'a guest started and answered' });
    return { available: true, version, startupMs: performance.now() - started, enforcement, checks };
  } catch (thrown) {
    const { message, hint = 'build again: npm run build' } = asCcosError(thrown);
    const name = checks.length === 0 ? 'engine' : 'launch';
    checks.push({ name, ok: false, detail: message, remedy: hint });
    return { available: false, reason: message, remedy: hint, checks };
  }
}

function engineVersion(): string {
  const module = new WebAssembly.Module(Buffer.from(readEngine()));
  return new Engine(module, { functions: {}, now: () => 0, fillRandom: () => {}, interrupt: () => false }).version;
}
