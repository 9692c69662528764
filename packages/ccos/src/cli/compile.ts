/** `ccos compile PLAN -o FILE` (M1.4): a plan and its modules as bytecode. Nothing is judged, run or recorded. */
import { statSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { writeFileAtomic } from '../foundation/atomic-file.ts';
import { CcosError, errnoOf } from '../foundation/errors.ts';
import { ioError } from '../foundation/files.ts';
import { open } from '../runtime/ccos.ts';
import { formatCount } from './count.ts';
import type { Run } from './invocation.ts';
import { readPlan } from './plan-options.ts';

const NEW_FILE_MODE = 0o644;

/** Writes the bytecode and prints its digest; a plan that would be refused anywhere writes nothing, exit 3. */
export const compile: Run = async ({ operands, options, output }) => {
  const [operand = '-'] = operands;
  const { home, output: file } = options;
  if (file === undefined || file === '-')
    throw new CcosError('USAGE', 'ccos compile writes a file', { hint: `ccos compile ${operand} -o FILE` });
  const { source, ...place } = readPlan(operand);
  const mode = modeOf(file, operand);
  const { bytecode, digest, planHash, warnings } = await open({ home }).compile(source, place);
  for (const warning of warnings) output.warningAt(warning);
  await writeFileAtomic(resolve(file), bytecode, { mode });
  if (output.json) output.document({ file, digest, bytes: bytecode.length, source: planHash, error: null });
  else output.line(`${file}: ${formatCount(bytecode.length, 'byte')}, ${digest}\nmade of plan ${planHash}`);
  return 0;
};

/** The mode of the file that is replaced, or of a new one. Throws `USAGE` where the bytecode would replace its plan, or no file. */
function modeOf(file: string, plan: string): number {
  const found = statusOf(file);
  if (found === null) return NEW_FILE_MODE;
  if (!found.isFile()) throw new CcosError('USAGE', `Cannot write ${file}: it is no file`, { hint: '-o FILE' });
  const own = plan === '-' ? null : statusOf(plan);
  if (own !== null && own.ino === found.ino && own.dev === found.dev)
    throw new CcosError('USAGE', `Cannot write ${file}: it is the plan itself`, {
      hint: 'name another file behind -o',
    });
  return found.mode & 0o777;
}

function statusOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw ioError('look at', path, error);
  }
}
