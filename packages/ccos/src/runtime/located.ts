/** Gives an error of a run its place in the plan's text: a guest is sent the text alone and knows no file. */
import { CcosError } from '../foundation/errors.ts';

/** The error with the file's name in its span and the source line in `details.excerpt`; as it is where it has no span. */
export function located(error: CcosError, source: string, file: string | undefined): CcosError {
  const { span } = error;
  if (span === undefined) return error;
  const excerpt = source.split(/\r?\n/)[span.line - 1] ?? '';
  return new CcosError(error.code, error.message, {
    span: { ...span, ...(file === undefined ? {} : { file }) },
    hint: error.hint,
    cause: error.cause,
    details: { ...error.details, excerpt },
  });
}
