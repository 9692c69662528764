/** What a wasm guest runs: the engine's module and the guest's bundle, read and hashed once a process. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bundleFolder } from '../../../foundation/bundle-path.ts';
import { CcosError, errnoOf } from '../../../foundation/errors.ts';
import { STACK_BYTES, type EngineCode } from './engine.ts';
import { PAGE_BYTES, withMemoryMaximum } from './memory-section.ts';
import { readBytecode } from './bytecode.ts';

/** A bundle ready to be launched. */
export interface GuestBundle {
  readonly code: EngineCode;
  /** `sha256:` and the hash of the bundle's source (M8.3). */
  readonly digest: string;
}

/** Room for the bundle itself and for what the allocator cannot use, beside the program's memory and the stack. */
const FLOOR_BYTES = 48 * 1024 * 1024,
  FRAGMENTATION = 1.25;
/** 32-bit memory ends here. */
const PAGES_MAX = 65_536;

const BUILD_HINT = 'build again: npm run build';

/** The engine's bytes as npm brings them. Throws `LAUNCH_FAILED`. */
export function readEngine(): Buffer {
  return readOr('the engine', () => readFileSync(enginePath()));
}

/** Where npm put the engine. Throws what the resolution throws. */
export function enginePath(): string {
  return createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm');
}

/** The engine's module with a memory that ends where the limit wants it to (M20.10). */
export function engineModule(engine: Uint8Array, memoryBytes: number): WebAssembly.Module {
  const bytes = STACK_BYTES + FLOOR_BYTES + memoryBytes * FRAGMENTATION;
  return new WebAssembly.Module(withMemoryMaximum(engine, Math.min(PAGES_MAX, Math.ceil(bytes / PAGE_BYTES))));
}

/** The guest's bundle, as bytecode where the build left some that belongs to it. Throws `LAUNCH_FAILED`. */
export function readBundle(engine: Uint8Array, file: string = join(bundleFolder(), 'guest-quickjs.js')): GuestBundle {
  const source = readOr('the guest', () => readFileSync(file));
  const bytecode = readBytecode(`${file}.bytecode`, { engine, source });
  return { digest: digestOf(source), code: bytecode === null ? { source: source.toString('utf8') } : { bytecode } };
}

/** A bundle from a text, for guests that are no files. */
export function bundleOf(source: string): GuestBundle {
  return { code: { source }, digest: digestOf(source) };
}

function digestOf(source: string | Uint8Array): string {
  return `sha256:${hash('sha256', source, 'hex')}`;
}

function readOr(what: string, read: () => Buffer): Buffer {
  try {
    return read();
  } catch (error) {
    const reason = errnoOf(error) ?? 'unreadable';
    throw new CcosError('LAUNCH_FAILED', `Cannot read ${what} of the wasm provider: ${reason}`, {
      hint: BUILD_HINT,
      cause: error,
    });
  }
}
