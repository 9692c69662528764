/** Gives an error of a run its place in the plan's text: a guest is sent texts and names, and knows no file. */
import type { ModuleSource } from '@ccos/rtfs';
import { CcosError } from '../foundation/errors.ts';

/** The error with the file's name in its span and the source line in `details.excerpt`; as it is where it has no span. */
export function located(
  error: CcosError,
  {
    source,
    modules,
    bytecode,
  }: { readonly source: string; readonly modules: readonly ModuleSource[]; readonly bytecode: unknown },
  file: string | undefined,
): CcosError {
  const { span } = error;
  // Bytecode names the files that it was made of, and their lines are not at hand.
  if (span === undefined || bytecode !== null) return error;
  const module = modules.find(({ name }) => name === span.file);
  const place = module?.file ?? file;
  const excerpt = (module?.source ?? source).split(/\r?\n/)[span.line - 1] ?? '';
  return new CcosError(error.code, error.message, {
    span: { ...span, ...(place === undefined ? {} : { file: place }) },
    hint: error.hint,
    cause: error.cause,
    details: { ...error.details, excerpt },
  });
}
