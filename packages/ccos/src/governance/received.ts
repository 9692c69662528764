/** Receiving a plan (G1.1): a text with the modules that it loads, or bytecode (M1.4), which holds its own. */
import { read, type Compiled, type ModuleResolver, type ModuleSource } from '@ccos/rtfs';
import { BytecodeError, decodeBytecode, isBytecode } from '@ccos/rtfs/internal';
import { CcosError } from '../foundation/errors.ts';
import type { Plan } from '../model/plan.ts';
import { compilePlan, compilePlanBytecode } from './compile-plan.ts';
import { keepingModules, NO_MODULES } from './plan-modules.ts';
import { bytecodePlan, planOf, planText } from './plan-text.ts';

/** A plan before anybody judged it. */
export interface Received {
  /** The plan's text; '' for bytecode, of which no text is at hand. */
  readonly text: string;
  /** The bytes as base64; null for a text. */
  readonly bytecode: string | null;
  readonly isEmpty: boolean;
  readonly compiled: Compiled;
  /** The texts that were loaded with it; none for bytecode. */
  readonly modules: readonly ModuleSource[];
  /** Its modules, whether as texts or in the bytecode. */
  readonly imports: readonly { readonly name: string; readonly file: string }[];
  readonly plan: Plan;
}

/** What is received, and where the modules of a text are found. */
export interface Offered {
  readonly source: string | Uint8Array;
  readonly file?: string | undefined;
  readonly modules?: ModuleResolver | undefined;
}

/** The plan of a text or of bytecode. Throws `PLAN_INVALID`, `BYTECODE_INVALID`: what is neither is not even evidence. */
export function receivePlan(offered: Offered): Received {
  const { source } = offered;
  return typeof source !== 'string' && isBytecode(source) ? fromBytecode(source) : fromText(offered);
}

function fromText({ source, file, modules }: Offered): Received {
  const text = planText(source);
  const keeping = keepingModules(modules ?? NO_MODULES);
  // The plan's hash covers the modules it loads, and which these are the language alone can say: so it is compiled first, which
  // writes nothing, and judged when it is archived.
  const compiled = compilePlan(text, { file, modules: keeping });
  const { forms, diagnostics } = read(text);
  return {
    text,
    bytecode: null,
    isEmpty: forms.length === 0 && diagnostics.every(({ severity }) => severity !== 'error'),
    compiled,
    modules: keeping.given,
    imports: keeping.given,
    plan: planOf(text, keeping.given),
  };
}

function fromBytecode(bytes: Uint8Array): Received {
  try {
    const code = decodeBytecode(bytes);
    const bytecode = Buffer.from(bytes).toString('base64');
    return {
      text: '',
      bytecode,
      isEmpty: code.forms.length === 0,
      compiled: compilePlanBytecode(code),
      modules: [],
      imports: code.modules,
      plan: bytecodePlan(bytecode),
    };
  } catch (error) {
    if (!(error instanceof BytecodeError)) throw error;
    throw new CcosError('BYTECODE_INVALID', error.message, { hint: error.hint, cause: error });
  }
}
