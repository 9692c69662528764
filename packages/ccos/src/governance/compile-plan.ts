/**
 * Compiling a plan for admission (G1.3–G1.5). The bodies of its macros run here, in the host's own process and before any wall: the
 * language bounds their work (R9.6), and this file what work can take of memory and time.
 */
import { compile, type Compiled, type ModuleResolver } from '@ccos/rtfs';

/** Bytes by which the heap may grow while macros are expanded: the program's own default (R17.5). */
const EXPANSION_MEMORY = 512 * 1024 * 1024;
/** Milliseconds that the expansion of macros may take. The fuel of R9.6 lasts a second or two in all but contrived cases. */
const EXPANSION_TIME = 10_000;

/** Compiles a plan's text; findings name its file. Never throws. */
export function compilePlan(
  text: string,
  { file, modules }: { readonly file?: string | undefined; readonly modules: ModuleResolver },
): Compiled {
  const { heapUsed } = process.memoryUsage();
  const end = performance.now() + EXPANSION_TIME;
  return compile(text, {
    ...(file === undefined ? {} : { file }),
    modules,
    shouldStop: () => {
      if (performance.now() >= end) return 'deadline';
      return process.memoryUsage().heapUsed - heapUsed > EXPANSION_MEMORY ? 'memory' : null;
    },
  });
}
