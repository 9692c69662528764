/**
 * The entry of `ccos`. It loads the table of options and nothing else until it knows the command; each command is a chunk of its
 * own, so that `ccos --version` costs little more than starting Node.
 */
import process from 'node:process';
import type { Invocation, Run } from './invocation.ts';
import type { CommandName } from './table.ts';
import { VERSION } from './version.ts';

/** Where each command lives. */
const LOADERS: Partial<Record<CommandName, () => Promise<Run>>> = {
  run: async () => (await import('./run.ts')).run,
  check: async () => (await import('./check.ts')).check,
  doctor: async () => (await import('./doctor.ts')).doctor,
  doc: async () => (await import('./doc.ts')).doc,
  eval: async () => (await import('./eval.ts')).evaluate,
  log: async () => (await import('./log.ts')).log,
  verify: async () => (await import('./verify.ts')).verify,
  why: async () => (await import('./why.ts')).why,
};

/** Runs the words behind `ccos` and resolves to the exit code. */
async function main(words: readonly string[]): Promise<number> {
  if (words.length === 1 && words[0] === '--version') {
    process.stdout.write(`ccos ${VERSION}\n`);
    return 0;
  }
  const { compiledFolder, keepCompiledCode } = await import('./compiled-code.ts');
  keepCompiledCode(compiledFolder());
  const [{ Output }, { asCcosError }, { parseArguments }] = await Promise.all([
    import('./output.ts'),
    import('../foundation/errors.ts'),
    import('./parse.ts'),
  ]);
  let output = new Output({ json: words.includes('--json'), quiet: false }, process.stdout, process.stderr);
  try {
    const { command, operands, options } = parseArguments(words);
    output = new Output({ json: options.json ?? false, quiet: options.quiet ?? false }, process.stdout, process.stderr);
    if (options.version) {
      output.line(`ccos ${VERSION}`);
      return 0;
    }
    const load = command === null ? undefined : LOADERS[command];
    if (options.help || load === undefined) {
      const { helpText } = await import('./help.ts');
      output.text(helpText(command));
      return options.help || (command === null && words.length === 0) ? 0 : 2;
    }
    return await (
      await load()
    )({ operands, options, output, interruptible });
  } catch (thrown) {
    const error = asCcosError(thrown);
    output.error(error);
    if (output.json) output.document({ error: error.toJSON() });
    return error.exit;
  }
}

const interruptible: Invocation['interruptible'] = () => {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    controller.abort();
    process.once('SIGINT', () => process.exit(130));
  });
  return controller.signal;
};

// The code is set, not the process ended, so that what was printed into a pipe still reaches its reader.
process.exitCode = await main(process.argv.slice(2));
