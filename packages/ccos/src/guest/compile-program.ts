/** A guest's program, whatever kind it came as (M1), ready to run. */
import { compile, type Compiled, type ModuleResolver, type StopReason } from '@ccos/rtfs';
import { BytecodeError, compileBytecode, decodeBytecode } from '@ccos/rtfs/internal';
import { bytesOfBase64 } from '../microvm/base64.ts';
import type { FrameError } from '../microvm/frames.ts';
import type { BytecodeProgram, Program } from '../model/program.ts';

/** Compiles a program, or says why its bytes are none (M1.4). Never throws. */
export function compileProgram(
  program: Program,
  shouldStop: () => StopReason | null,
): Compiled | { readonly refused: FrameError } {
  if (program.kind === 'rtfs-bytecode') return fromBytecode(program, shouldStop);
  const { source, modules = {} } = program;
  return compile(source, { modules: resolverOf(modules), shouldStop });
}

function fromBytecode(
  { bytes: data }: BytecodeProgram,
  shouldStop: () => StopReason | null,
): ReturnType<typeof compileProgram> {
  try {
    const bytes = bytesOfBase64(data);
    if (bytes === null) throw new BytecodeError('it is not base64');
    return compileBytecode(decodeBytecode(bytes), { shouldStop });
  } catch (error) {
    if (!(error instanceof BytecodeError)) throw error;
    const { message, hint } = error;
    return { refused: { kind: 'InternalError', code: 'BYTECODE_INVALID', message, hint } };
  }
}

/** The modules that came with the program. A guest knows no files: a place in a module is said by the module's name. */
function resolverOf(modules: Readonly<Record<string, string>>): ModuleResolver {
  return {
    resolve: (name) => (Object.hasOwn(modules, name) ? { source: modules[name] as string, file: name } : null),
  };
}
