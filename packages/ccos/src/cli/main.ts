/**
 * The commands of `ccos`, in one file with what they need (`bundle/commands-….cjs`). Each command is loaded when it is asked for:
 * until then its modules are compiled code that nobody has run.
 */
import process from 'node:process';
import type { Invocation, Run } from './invocation.ts';
import { asCcosError } from '../foundation/errors.ts';
import { Output } from './output.ts';
import { isGroup, parseArguments } from './parse.ts';
import type { CommandName } from './table.ts';
import { VERSION } from './version.ts';

/** Where each command lives. */
const LOADERS: Partial<Record<CommandName, () => Promise<Run>>> = {
  run: async () => (await import('./run.ts')).run,
  check: async () => (await import('./check.ts')).check,
  compile: async () => (await import('./compile.ts')).compile,
  doctor: async () => (await import('./doctor.ts')).doctor,
  doc: async () => (await import('./doc.ts')).doc,
  eval: async () => (await import('./eval.ts')).evaluate,
  fmt: async () => (await import('./fmt.ts')).fmt,
  'intent add': async () => (await import('./intent/add.ts')).add,
  'intent list': async () => (await import('./intent/list.ts')).list,
  'intent show': async () => (await import('./intent/show.ts')).show,
  'intent link': async () => (await import('./intent/link.ts')).link,
  'intent status': async () => (await import('./intent/status.ts')).status,
  'intent graph': async () => (await import('./intent/graph.ts')).graph,
  'intent search': async () => (await import('./intent/search.ts')).search,
  'intent backup': async () => (await import('./intent/backup.ts')).backup,
  'intent restore': async () => (await import('./intent/restore.ts')).restore,
  log: async () => (await import('./log.ts')).log,
  repl: async () => (await import('./repl.ts')).repl,
  tail: async () => (await import('./tail.ts')).tail,
  verify: async () => (await import('./verify.ts')).verify,
  why: async () => (await import('./why.ts')).why,
  'archive put': async () => (await import('./archive.ts')).put,
  'archive get': async () => (await import('./archive.ts')).get,
  'archive list': async () => (await import('./archive.ts')).list,
  'archive verify': async () => (await import('./archive-care.ts')).verifyArchive,
  'archive repair': async () => (await import('./archive-care.ts')).repair,
  'archive gc': async () => (await import('./archive-care.ts')).gc,
};

/** Runs the words behind `ccos` and resolves to the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  let output = new Output({ json: words.includes('--json'), quiet: false }, process);
  try {
    const { command, operands, options } = parseArguments(words);
    output = new Output({ json: options.json ?? false, quiet: options.quiet ?? false }, process);
    if (options.version) {
      output.line(`ccos ${VERSION}`);
      return 0;
    }
    const load = command === null || isGroup(command) ? undefined : LOADERS[command];
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

/** What the process of `eval` does: answers the one job that it gets. */
export async function answerJobOfProcess(): Promise<void> {
  (await import('./eval-process.ts')).answerJobOfProcess();
}

const interruptible: Invocation['interruptible'] = () => {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    controller.abort();
    process.once('SIGINT', () => process.exit(130));
  });
  return controller.signal;
};
