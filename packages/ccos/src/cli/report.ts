/** Tells what came of a run or an expression: the value as RTFS, or the document of §7 with `--json`. */
import type { Json } from '@ccos/rtfs';
import type { CcosError } from '../foundation/errors.ts';
import type { RunStatus } from '../model/plan.ts';
import type { Output } from './output.ts';

/** What came of it. `rtfs` is the value's text, null where there is no value, and `value` its plain JSON projection. */
export interface Told {
  /** Null, as `planHash` is, for an expression that left no record. */
  readonly runId: string | null;
  readonly planHash: string | null;
  readonly status: RunStatus;
  readonly value: Json;
  readonly rtfs: string | null;
  readonly error: CcosError | null;
  readonly metadata: object | null;
}

/** Prints it. Returns the exit code: that of the error that ended it (E1.4). */
export function tell({ error, ...rest }: Told, output: Output): number {
  if (error !== null) output.error(error);
  if (output.json) output.document({ ...rest, error: error === null ? null : error.toJSON() });
  else if (rest.rtfs !== null) output.line(rest.rtfs);
  return error === null ? 0 : error.exit;
}
