/** Makes bytecode of a plan (M1.4): what `Ccos.compile` tells. */
import { basename, relative } from 'node:path';
import { BytecodeError, decodeBytecode, encodeBytecode } from '@ccos/rtfs/internal';
import { CcosError } from '../foundation/errors.ts';
import { compileAsAdmitted } from '../governance/admission.ts';
import { requestOf, type Attempt } from './attempt.ts';
import type { CompiledPlan } from './ccos.ts';

/** Throws as `Ccos.compile` does. */
export async function makeBytecode(
  attempt: Pick<Attempt, 'source' | 'options' | 'context' | 'clock'>,
): Promise<CompiledPlan> {
  const { program, planHash, warnings, isBytecode } = await compileAsAdmitted(requestOf(attempt));
  if (isBytecode)
    throw new CcosError('USAGE', 'Cannot compile the plan: it is bytecode already', { hint: 'compile its source' });
  const { file = 'plan', modules } = attempt.options;
  // The names of files depend on where a plan lies as little as its bytes do: they count from its own folder.
  const names = (of: string): string => (of === file || modules === undefined ? basename(of) : relative(modules, of));
  try {
    const bytecode = encodeBytecode(program, { file, names, source: planHash });
    return { bytecode, digest: `sha256:${decodeBytecode(bytecode).digest}`, planHash, warnings };
  } catch (error) {
    if (!(error instanceof BytecodeError)) throw error;
    throw new CcosError('PLAN_INVALID', `Cannot compile the plan: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
  }
}
