/**
 * Builds `packages/ccos/bundle/`: the command line (lazy chunks), the guests and the workers, from the sources as they are.
 *
 * A `ccos` that runs while this builds keeps working: every file is written beside its place and renamed into it, chunks are
 * named by their content, entries come after the chunks they name, and old chunks are removed only after an hour.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type OutputFile } from 'esbuild';
import { makeCodeCache } from './code-cache.ts';
import { makeBytecode } from '../packages/ccos/src/microvm/providers/wasm/bytecode.ts';
import { readEngine } from '../packages/ccos/src/microvm/providers/wasm/guest-bundle.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'packages/ccos/src');
const bundle = join(root, 'packages/ccos/bundle');
const CHUNK_LIFE_MS = 3_600_000;

/** What several targets have in common: readable output (stack traces of users name real lines), no source maps to load. */
const common: BuildOptions = {
  absWorkingDir: root, bundle: true, write: false, minify: false, sourcemap: false, legalComments: 'none', logLevel: 'warning',
  conditions: ['source'], target: 'node24',
};

/** A target: one entry below `packages/ccos/src`, one file in the bundle folder, and how esbuild makes it. */
interface Target { readonly entry: string; readonly file: string; readonly options: BuildOptions }

/** What of a built file is written. */
type BuiltFile = Pick<OutputFile, 'path' | 'contents'>;

// quickjs-wasi finds its WebAssembly module beside its own files, so it stays a package.
const esModule: BuildOptions = { platform: 'node', format: 'esm', external: ['quickjs-wasi'] };

/** Each guest is one file, for that file's digest is what the host expects to run (M15). */
const TARGETS: readonly Target[] = [
  { entry: 'cli/main.ts', file: 'cli.js', options: { ...esModule, splitting: true, chunkNames: 'chunk-[name]-[hash]' } },
  { entry: 'cli/eval-worker.ts', file: 'eval-worker.js', options: esModule },
  { entry: 'microvm/providers/wasm/worker.ts', file: 'wasm-worker.js', options: esModule },
  { entry: 'guest/node.ts', file: 'guest.cjs', options: { platform: 'node', format: 'cjs' } },
  { entry: 'guest/boot.ts', file: 'guest-boot.cjs', options: { platform: 'node', format: 'cjs' } },
  { entry: 'guest/quickjs.ts', file: 'guest-quickjs.js', options: { platform: 'neutral', format: 'iife', target: 'es2023' } },
];

/** Compiles one target; null when it does not compile, which esbuild has then said on stderr. */
async function compile(target: Target): Promise<readonly OutputFile[] | null> {
  if (!isPresent(target.entry)) return [];
  const entryPoints = [{ in: join(source, target.entry), out: target.file.replace(/\.c?js$/, '') }];
  const outExtension = { '.js': extname(target.file) };
  try {
    return (await build({ ...common, ...target.options, entryPoints, outdir: bundle, outExtension })).outputFiles ?? [];
  } catch { return null; }
}

/** The same guest as the bytecode of its engine, beside it: it loads in a fraction of the time. */
function withBytecode({ path, contents }: BuiltFile): BuiltFile {
  return { path: `${path}.bytecode`, contents: makeBytecode({ engine: readEngine(), source: contents }) };
}

function isPresent(entry: string): boolean {
  return existsSync(join(source, entry));
}

/** Writes chunks before entries, each by rename, and leaves a file alone whose content is there already. */
function publish(files: readonly BuiltFile[]): void {
  const isChunk = (file: BuiltFile): boolean => basename(file.path).startsWith('chunk-');
  for (const file of [...files.filter(isChunk), ...files.filter((one) => !isChunk(one))]) {
    writeWhole(file.path, file.contents);
  }
}

/** Whoever reads the file meanwhile sees the old one or the new one. */
function writeWhole(path: string, contents: Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

/** Leaves the wasm guest as bytecode of the engine that is installed: it loads eight times faster than its source. */
async function precompile(): Promise<void> {
  const file = join(bundle, 'guest-quickjs.js');
  if (!existsSync(file)) return;
  const [{ makeBytecode }, { readEngine }] = await Promise.all([
    import('../packages/ccos/src/microvm/providers/wasm/bytecode.ts'),
    import('../packages/ccos/src/microvm/providers/wasm/guest-bundle.ts'),
  ]);
  writeWhole(`${file}.bytecode`, makeBytecode({ engine: readEngine(), source: readFileSync(file) }));
}

/** Removes what no target made for an hour: a process that started from an older build may still load its chunks. */
function sweep(files: readonly BuiltFile[]): void {
  const kept = new Set(files.map((file) => basename(file.path)));
  for (const name of readdirSync(bundle)) {
    const path = join(bundle, name);
    const isOurs = /^chunk-.*\.js$|\.tmp$/.test(name);
    if (isOurs && !kept.has(name) && Date.now() - statSync(path).mtimeMs > CHUNK_LIFE_MS) rmSync(path, { force: true });
  }
}

const startedAt = new Date();
mkdirSync(bundle, { recursive: true });
const made = await Promise.all(TARGETS.map(compile));
const compiled = made.flatMap((target) => target ?? []);
const files = [...compiled, ...compiled.filter(({ path }) => basename(path) === 'guest-quickjs.js').map(withBytecode)];
publish(files);
sweep(files);
if (made.includes(null)) process.exit(1);
await precompile();
if (existsSync(join(bundle, 'guest.cjs'))) await makeCodeCache(bundle);
// The stamp carries the time at which reading began: a source saved meanwhile is newer than it.
const stamp = join(bundle, '.stamp');
writeFileSync(`${stamp}.${process.pid}.tmp`, '');
utimesSync(`${stamp}.${process.pid}.tmp`, startedAt, startedAt);
renameSync(`${stamp}.${process.pid}.tmp`, stamp);
