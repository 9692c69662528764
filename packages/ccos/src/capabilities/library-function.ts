/** Calls a pure function of the language from the host: some built-ins are its shadow (P5). */
import type { Value } from '@ccos/rtfs';
import { DEFAULT_LIMITS, NATIVES } from '@ccos/rtfs/internal';
import { CcosError } from '../foundation/errors.ts';

/** The host's time is bounded by the size of the arguments, so that no fuel is counted here. */
const RT = { limits: DEFAULT_LIMITS, charge: (): void => undefined };

/** Throws the `ErrorValue` of the function. */
export function libraryFunction(name: string, args: readonly Value[]): Value {
  const native = NATIVES.get(name);
  if (native === undefined) throw new CcosError('INTERNAL', `The language has no function '${name}'`);
  const call = native.fn as unknown as (rt: typeof RT, ...args: readonly unknown[]) => Value;
  return native.variadic ? call(RT, args) : call(RT, ...args);
}
