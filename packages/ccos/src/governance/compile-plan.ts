/**
 * Compiling a plan for admission (G1.3–G1.5). The bodies of its macros run here, in the host's own process and before any wall: the
 * language bounds their work (R9.6), and this file what work can take of memory and time.
 */
import { compile, type Compiled, type ModuleResolver, type StopReason } from '@ccos/rtfs';
import { compileBytecode, type Bytecode } from '@ccos/rtfs/internal';

/** Bytes by which the heap may grow while macros are expanded: the program's own default (R17.5). */
const EXPANSION_MEMORY = 512 * 1024 * 1024;
/** Milliseconds that the expansion of macros may take. The fuel of R9.6 lasts a second or two in all but contrived cases. */
const EXPANSION_TIME = 10_000;

/** Compiles a plan's text; findings name its file. Never throws. */
export function compilePlan(
  text: string,
  { file, modules }: { readonly file?: string | undefined; readonly modules: ModuleResolver },
): Compiled {
  return compile(text, { ...(file === undefined ? {} : { file }), modules, shouldStop: bounds() });
}

/** Compiles bytecode; findings name the files that it names. Throws BytecodeError where it is no program after expansion. */
export function compilePlanBytecode(code: Bytecode): Compiled {
  return compileBytecode(code, { shouldStop: bounds() });
}

function bounds(): () => StopReason | null {
  const { heapUsed } = process.memoryUsage();
  const end = performance.now() + EXPANSION_TIME;
  return () => {
    if (performance.now() >= end) return 'deadline';
    return process.memoryUsage().heapUsed - heapUsed > EXPANSION_MEMORY ? 'memory' : null;
  };
}
