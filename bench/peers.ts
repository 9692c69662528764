/**
 * What a user would pick instead, running the same kernels. They live in `bench/package.json` with a lock file of its own and are
 * installed when missing; one that cannot be installed or loaded is absent, with the reason.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPeers } from './install.ts';
import type { Kernel } from './rtfs-kernels.ts';

/** A peer that is installed. Its runs include what each needs to go from text to a value: none keeps compiled code. */
export interface Peer {
  readonly name: string;
  /** From nothing to the value of 1 + 2; null where it was not asked for (R19.9). */
  readonly newInstance: (() => unknown) | null;
  kernel(kernel: Kernel): () => unknown;
  close(): void;
}

const require = createRequire(import.meta.url);

/** The peers that can run here, and a line for each that cannot. */
export async function openPeers(): Promise<{ peers: Peer[]; absent: string[] }> {
  const absent: string[] = [];
  const problem = install();
  const peers: Peer[] = [];
  for (const [name, open] of Object.entries(PEERS)) {
    try {
      peers.push(await open());
    } catch (e) {
      absent.push(`${name}: ${problem ?? (e instanceof Error ? (e.message.split('\n')[0] ?? '') : String(e))}`);
    }
  }
  return { peers, absent };
}

/** Installs the peers unless they stand there; gives why it could not. */
function install(): string | null {
  const stands = (name: string): boolean => existsSync(join(import.meta.dirname, 'node_modules', name));
  return Object.keys(PEERS).every(stands) ? null : installPeers();
}

/** A package of the peers' own folder; its types are not the repository's. */
async function load(name: string): Promise<unknown> {
  return (await import(pathToFileURL(require.resolve(name)).href)) as unknown;
}

interface MontyModule {
  readonly Monty: new (code: string) => { run(): unknown };
}

async function monty(): Promise<Peer> {
  const { Monty } = (await load('@pydantic/monty')) as MontyModule;
  return {
    name: '@pydantic/monty',
    newInstance: () => new Monty('1 + 2').run(),
    kernel({ python }) {
      const compiled = new Monty(python);
      return () => compiled.run();
    },
    close() {},
  };
}

interface NbbModule {
  loadString(code: string): Promise<unknown>;
}

async function nbb(): Promise<Peer> {
  const { loadString } = (await load('nbb')) as NbbModule;
  return {
    name: 'nbb',
    newInstance: null,
    kernel:
      ({ clojure }) =>
      () =>
        loadString(clojure),
    close() {},
  };
}

interface QuickJsHandle {
  dispose(): void;
}
interface QuickJsContext {
  evalCode(code: string): unknown;
  unwrapResult(result: unknown): QuickJsHandle;
  callFunction(fn: QuickJsHandle, self: QuickJsHandle): unknown;
  dump(handle: QuickJsHandle): unknown;
  readonly undefined: QuickJsHandle;
  dispose(): void;
}
interface QuickJsModule {
  getQuickJS(): Promise<{ newContext(): QuickJsContext }>;
}

async function quickjs(): Promise<Peer> {
  const { getQuickJS } = (await load('quickjs-emscripten')) as QuickJsModule;
  const context = (await getQuickJS()).newContext();
  const functions: QuickJsHandle[] = [];
  return {
    name: 'quickjs-emscripten',
    newInstance: null,
    kernel({ javascript }) {
      const fn = context.unwrapResult(context.evalCode(`(${javascript})`));
      functions.push(fn);
      return () => {
        const result = context.unwrapResult(context.callFunction(fn, context.undefined));
        const value = context.dump(result);
        result.dispose();
        return value;
      };
    },
    close() {
      for (const fn of functions) fn.dispose();
      context.dispose();
    },
  };
}

const PEERS: Readonly<Record<string, () => Promise<Peer>>> = {
  '@pydantic/monty': monty,
  nbb,
  'quickjs-emscripten': quickjs,
};
