/**
 * `ccos fmt FILE…` (R1.39): lays texts out in place, or with `--check` lists those that differ. A text that does not read stays
 * untouched and ends the command with its findings, after the other files.
 */
import { accessSync, constants, readdirSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { join, resolve } from 'node:path';
import { format } from '@ccos/rtfs';
import { writeFileAtomic } from '../foundation/atomic-file.ts';
import { asCcosError, CcosError } from '../foundation/errors.ts';
import { ioError } from '../foundation/files.ts';
import { planText } from '../governance/plan-text.ts';
import { formatCount } from './count.ts';
import type { Run } from './invocation.ts';
import { readPlan } from './plan-options.ts';
import { sourceError } from './source-error.ts';

/** What came of one file. */
interface Outcome {
  readonly file: string;
  readonly changed: boolean;
  readonly error: CcosError | null;
}

/** Prints the name of each file that was written, or that differs. Exit 1 when `--check` finds one. */
export const fmt: Run = async ({ operands, options, output }) => {
  const check = options.check ?? false;
  if (operands.includes('-') && operands.length > 1)
    throw new CcosError('USAGE', 'ccos fmt reads stdin alone', { hint: 'ccos fmt - < FILE, or ccos fmt FILE…' });
  if (operands[0] === '-' && !check) {
    if (output.json) throw new CcosError('USAGE', 'ccos fmt - prints the text itself', { hint: 'leave out --json' });
    output.text(laidOut(readPlan('-').source, 'stdin').text);
    return 0;
  }
  const outcomes: Outcome[] = [];
  for (const file of operands.flatMap(filesAt)) {
    const outcome = await one(file, check);
    outcomes.push(outcome);
    if (outcome.error !== null) output.error(outcome.error);
    else if (outcome.changed && !output.json) output.line(outcome.file);
  }
  const changed = outcomes.filter((outcome) => outcome.changed).length;
  if (output.json)
    output.document({
      files: outcomes.map(({ file, changed: differs, error }) => ({
        file,
        changed: differs,
        error: error === null ? null : error.toJSON(),
      })),
    });
  const refused = outcomes.flatMap(({ error }) => error ?? []);
  output.note(
    [
      `${formatCount(changed, 'file')} ${check ? 'to lay out' : 'laid out'}`,
      `${formatCount(outcomes.length - changed - refused.length, 'file')} laid out already`,
      ...(refused.length === 0 ? [] : [`${formatCount(refused.length, 'file')} refused`]),
    ].join(', '),
  );
  return refused[0]?.exit ?? (check && changed > 0 ? 1 : 0);
};

/** A file, or the `.rtfs` files below a folder, in the order of their names; hidden folders and `node_modules` aside. */
function filesAt(path: string): string[] {
  if (path === '-' || !isFolder(path)) return [path];
  return entriesOf(path)
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const below = join(path, entry.name);
      if (entry.isDirectory()) return filesAt(below);
      return entry.isFile() && entry.name.endsWith('.rtfs') ? [below] : [];
    });
}

/** False also for what cannot be looked at: reading it says why. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw ioError('read the folder', folder, error);
  }
}

async function one(file: string, check: boolean): Promise<Outcome> {
  try {
    const plan = readPlan(file);
    const { text, changed } = laidOut(plan.source, plan.file);
    if (changed && !check) await write(file, text);
    return { file: file === '-' ? 'stdin' : file, changed, error: null };
  } catch (thrown) {
    return { file, changed: false, error: asCcosError(thrown) };
  }
}

/** Throws `PARSE_ERROR` and its like with every finding, `PLAN_INVALID` for bytes that are no text. */
function laidOut(source: string | Uint8Array, file: string): { readonly text: string; readonly changed: boolean } {
  const before = textOf(source, file);
  const result = format(before, { file });
  if (!result.ok) throw sourceError(result.diagnostics.filter(({ severity }) => severity === 'error'));
  return { text: result.text, changed: result.text !== before };
}

function textOf(source: string | Uint8Array, file: string): string {
  try {
    return planText(source);
  } catch (thrown) {
    const { code, message, hint, details } = asCcosError(thrown);
    throw new CcosError(code, `${file}: ${message}`, { hint, details, cause: thrown });
  }
}

/** Writes the file itself, not a link to it, with the mode that it has; a file that may not be written stays. */
async function write(file: string, text: string): Promise<void> {
  const path = realpathSync(resolve(file));
  const found = statSync(path);
  if (!found.isFile())
    throw new CcosError('USAGE', `Cannot write ${file}: it is no file`, { hint: 'ccos fmt - < FILE' });
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw ioError('write', file, error);
  }
  await writeFileAtomic(path, text, { mode: found.mode & 0o7777 });
}
