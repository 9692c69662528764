/**
 * Builds `packages/ccos/bundle/`: the command line, the guests and the workers, from the sources as they are.
 *
 * A `ccos` that runs while this builds keeps working: every file is written beside its place and renamed into it, the commands are
 * named by their content, entries come after the commands they name, and old commands are removed only after an hour.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type OutputFile } from 'esbuild';
import { makeCodeCache } from './code-cache.ts';
import { buildCommands } from './commands.ts';
import { guestRootFiles } from '../packages/ccos/src/microvm/providers/process/guest-root.ts';
import { makeBytecode } from '../packages/ccos/src/microvm/providers/wasm/bytecode.ts';
import { PAGES } from '../packages/ccos/src/cli/reference.ts';
import { readEngine } from '../packages/ccos/src/microvm/providers/wasm/guest-bundle.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'packages/ccos/src');
const bundle = join(root, 'packages/ccos/bundle');
const COMMANDS_LIFE_MS = 3_600_000;

/** What several targets have in common: readable output (stack traces of users name real lines), no source maps to load. */
const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  minify: false,
  sourcemap: false,
  legalComments: 'none',
  logLevel: 'warning',
  conditions: ['source'],
  target: 'node24',
};

/** A target: entries below `packages/ccos/src`, the file of each in the bundle folder, and how esbuild makes them. */
interface Target {
  readonly entries: readonly (readonly [entry: string, file: string])[];
  readonly options: BuildOptions;
}

/** What of a built file is written. */
type BuiltFile = Pick<OutputFile, 'path' | 'contents'>;

// quickjs-wasi finds its WebAssembly module beside its own files, so it stays a package.
const esModule: BuildOptions = { platform: 'node', format: 'esm', external: ['quickjs-wasi'] };

/** Each guest is one file, for that file's digest is what the host expects to run (M15). */
const TARGETS: readonly Target[] = [
  { entries: [['cli/repl-process.ts', 'repl-process.js']], options: esModule },
  { entries: [['microvm/providers/wasm/worker.ts', 'wasm-worker.js']], options: esModule },
  {
    entries: [
      ['guest/node.ts', 'guest.cjs'],
      ['guest/boot.ts', 'guest-boot.cjs'],
    ],
    options: { platform: 'node', format: 'cjs' },
  },
  {
    entries: [['guest/quickjs.ts', 'guest-quickjs.js']],
    options: { platform: 'neutral', format: 'iife', target: 'es2023' },
  },
];

/** Compiles one target; null when it does not compile, which esbuild has then said on stderr. */
async function compile(target: Target): Promise<readonly OutputFile[] | null> {
  const entryPoints = target.entries.map(([entry, file]) => ({
    in: join(source, entry),
    out: file.replace(/\.c?js$/, ''),
  }));
  const outExtension = { '.js': extname(target.entries[0]![1]) };
  try {
    return (await build({ ...common, ...target.options, entryPoints, outdir: bundle, outExtension })).outputFiles ?? [];
  } catch {
    return null;
  }
}

/** The same guest as the bytecode of its engine, beside it: it loads in a fraction of the time. */
function withBytecode({ path, contents }: BuiltFile): BuiltFile {
  return { path: `${path}.bytecode`, contents: makeBytecode({ engine: readEngine(), source: contents }) };
}

/** Writes the files in their order, each by rename. */
function publish(files: readonly BuiltFile[]): void {
  for (const { path, contents } of files) writeWhole(path, contents);
}

/** Whoever reads the file meanwhile sees the old one or the new one. */
function writeWhole(path: string, contents: Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

/** Removes what no target made for an hour: a process that started from an older build may still load its commands. */
function sweep(files: readonly BuiltFile[]): void {
  const kept = new Set(files.map((file) => basename(file.path)));
  for (const name of readdirSync(bundle)) {
    const path = join(bundle, name);
    const isOurs = /^commands-.*\.c(js|ache)$|\.tmp$/.test(name);
    if (isOurs && !kept.has(name) && Date.now() - statSync(path).mtimeMs > COMMANDS_LIFE_MS)
      rmSync(path, { force: true });
  }
}

/** The documents that `ccos doc` shows, beside the program that shows them. */
function documents(): BuiltFile[] {
  const paths = ['prompt.md', ...PAGES.map((page) => `reference/${page}.md`)];
  return paths.map((path) => ({
    path: join(bundle, 'docs', path),
    contents: readFileSync(join(root, 'docs', path)),
  }));
}

/** What a launch mounts beside the guest's bundle. */
function guestRoot(): BuiltFile[] {
  return guestRootFiles().map(([name, contents]) => ({ path: join(bundle, name), contents }));
}

const startedAt = new Date();
mkdirSync(join(bundle, 'docs/reference'), { recursive: true });
const made = await Promise.all(TARGETS.map(compile));
const compiled = made.flatMap((target) => target ?? []);
const files = [
  ...documents(),
  ...guestRoot(),
  ...compiled,
  ...compiled.filter(({ path }) => basename(path) === 'guest-quickjs.js').map(withBytecode),
];
publish(files);
const commands = await buildCommands(common, { source, folder: bundle, publish });
if (made.includes(null) || commands === null) process.exit(1);
sweep(commands);
await makeCodeCache(bundle);
// The stamp carries the time at which reading began: a source saved meanwhile is newer than it.
const stamp = join(bundle, '.stamp');
writeFileSync(`${stamp}.${process.pid}.tmp`, '');
utimesSync(`${stamp}.${process.pid}.tmp`, startedAt, startedAt);
renameSync(`${stamp}.${process.pid}.tmp`, stamp);
