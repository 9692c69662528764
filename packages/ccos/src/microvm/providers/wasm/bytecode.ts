/**
 * QuickJS bytecode of the guest's bundle, made at build: it loads eight times faster than the source. The engine trusts
 * bytecode blindly, so a file counts only if it names the digests of the engine and of the source it was made from, and
 * its own.
 */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Engine } from './engine.ts';

const MAGIC = 'ccos-quickjs-bytecode 1';

/** What bytecode belongs to. */
export interface BytecodeOrigin {
  readonly engine: Uint8Array;
  readonly source: Uint8Array;
}

/**
 * The file's content for a bundle: one line that says what it belongs to, then the bytecode. Throws `EngineFailure` on
 * bad source.
 */
export function makeBytecode(origin: BytecodeOrigin): Buffer {
  const engine = new Engine(new WebAssembly.Module(Buffer.from(origin.engine)), {
    functions: {},
    now: () => 0,
    fillRandom: () => {},
    interrupt: () => false,
  });
  const bytecode = engine.compile(Buffer.from(origin.source).toString('utf8'));
  return Buffer.concat([Buffer.from(headline(origin, bytecode)), bytecode]);
}

/** The bytecode in a file, or null where there is none, or none of this engine and source. */
export function readBytecode(file: string, origin: BytecodeOrigin): Uint8Array | null {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch {
    return null;
  }
  const end = content.indexOf('\n') + 1;
  const bytecode = content.subarray(end);
  return content.subarray(0, end).toString() === headline(origin, bytecode) ? bytecode : null;
}

function headline(origin: BytecodeOrigin, bytecode: Uint8Array): string {
  const digests = [origin.engine, origin.source, bytecode].map((bytes) => hash('sha256', bytes, 'hex'));
  return `${[MAGIC, ...digests].join(' ')}\n`;
}
