/**
 * Builds the command line: all commands in one file, V8's compiled code of that file, and the entries that load both. The compiled
 * code is made by running what users run first, so that it holds the functions that a start needs.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { COMPILED_FOR, type CompiledFor } from '../packages/ccos/src/cli/load-commands.ts';
import { wrapped } from '../packages/ccos/src/guest/wrapped.ts';

/** A built file, not written yet. */
interface BuiltFile {
  readonly path: string;
  readonly contents: Uint8Array;
}

/** commander loads it for subcommands that are programs of their own, which `ccos` has none of, and every start would pay for it. */
const WITHOUT_CHILD_PROCESS: Plugin = {
  name: 'commander-without-child-process',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /\/commander\//.test(importer) ? { path: 'child_process', namespace: 'absent' } : null,
    );
    onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** Commands are CommonJS, which loads faster; what stands in for `import.meta` there is the file's own name. */
const COMMON_JS: BuildOptions = {
  platform: 'node',
  format: 'cjs',
  external: ['quickjs-wasi'],
  plugins: [WITHOUT_CHILD_PROCESS],
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
};

/**
 * Compiles the commands into files of `folder` and publishes them, the entry last. The guests stand there already, for the commands
 * are run once. Returns what was published; null when something does not compile, which esbuild has then said on stderr.
 */
export async function buildCommands(
  common: BuildOptions,
  { source, folder, publish }: { source: string; folder: string; publish(files: readonly BuiltFile[]): void },
): Promise<readonly BuiltFile[] | null> {
  const options = { ...common, ...COMMON_JS, outdir: folder, write: false } as const;
  try {
    const commands = await build({ ...options, entryPoints: [join(source, 'cli/main.ts')] });
    const text = asAscii(commands.outputFiles[0]!.text);
    const name = `commands-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
    const entry = async (from: string, out: string): Promise<BuiltFile[]> => {
      const define = { COMMANDS_NAME: JSON.stringify(name) };
      return (await build({ ...options, banner: {}, define, entryPoints: [{ in: join(source, from), out }] }))
        .outputFiles;
    };
    const file = { path: join(folder, `${name}.cjs`), contents: Buffer.from(text, 'latin1') };
    const loaded = [file, ...(await entry('cli/eval-entry.ts', 'eval-process'))];
    publish(loaded);
    const caches = COMPILED_FOR.map(async (use) => ({
      path: join(folder, `${name}.${use}.cache`),
      contents: await compiledCode(text, file.path, RUNS[use]),
    }));
    const rest = [...(await Promise.all(caches)), ...(await entry('cli/entry.ts', 'cli'))];
    publish(rest);
    return [...loaded, ...rest];
  } catch (error) {
    // What esbuild refuses it has said; anything else is a defect of the build.
    if (error instanceof Error && 'errors' in error) return null;
    throw error;
  }
}

/** The text with ASCII alone: code has no other characters after esbuild, and what comments have is not worth twice the memory. */
function asAscii(text: string): string {
  return text.replaceAll(/[^\u0000-\u007f]/g, '?');
}

/** Runs in a Node of its own, without flags, for V8 refuses code that was compiled under others. */
const MAKER = `const fs = require('node:fs'), vm = require('node:vm'), path = require('node:path');
const [text, file, out, runs] = process.argv.slice(1);
const script = new vm.Script(fs.readFileSync(text, 'latin1'), { filename: file });
const module_ = { exports: {} };
const load = require('node:module').createRequire(file);
script.runInThisContext()(module_.exports, load, module_, file, path.dirname(file));
(async () => {
  for (const words of JSON.parse(runs)) {
    const code = await module_.exports.main(words);
    if (code !== 0) process.stderr.write('ccos ' + words.join(' ') + ' ended with ' + code + ', and will start slower\\n');
  }
  fs.writeFileSync(out, script.createCachedData());
})();`;

/** What users run first. */
const PLAN = `(defn f [n] (if (< n 2) n (+ (f (- n 1)) (f (- n 2)))))
(step "warm" (let [m {:a (f 5) :b "x,y"}] (str (reduce + 0 (map (fn [x] (* x (:a m))) (range 10))) (split (:b m) ",") (call :ccos.echo 1))))`;
const RUNS: Readonly<Record<CompiledFor, readonly (readonly string[])[]>> = {
  eval: [['eval', '(let [m {:a 1}] (str (reduce + 0 (map (fn [x] (* x x)) (range 10))) (:a m)))']],
  run: [
    ['check', 'plan.rtfs'],
    ['run', 'plan.rtfs', '--quiet'],
    ['run', 'plan.rtfs', '--quiet'],
    ['verify'],
    ['log', '--limit', '1'],
  ],
};

async function compiledCode(text: string, file: string, runs: readonly (readonly string[])[]): Promise<Buffer> {
  const scratch = mkdtempSync(join(tmpdir(), 'ccos-build-'));
  try {
    const [made, out] = [join(scratch, 'text'), join(scratch, 'cache')];
    writeFileSync(made, wrapped(text), 'latin1');
    writeFileSync(join(scratch, 'plan.rtfs'), PLAN);
    await runMaker([made, file, out, JSON.stringify(runs)], scratch);
    return readFileSync(out);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A command that fails here, for want of a wall perhaps, says why on stderr, and only its functions are missing. */
async function runMaker(args: readonly string[], cwd: string): Promise<void> {
  const env = { ...process.env, XDG_CACHE_HOME: join(cwd, 'user-cache') };
  const child = spawn(process.execPath, ['-e', MAKER, ...args], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), 120_000);
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  clearTimeout(timer);
  if (code !== 0) throw new Error(`The commands could not be run once: exit ${code}`);
}
