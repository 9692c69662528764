/** What the reader or compiler finds wrong with a text, as one error that holds all findings (E1.4). */
import type { Diagnostic } from '@ccos/rtfs';
import { CcosError } from '../foundation/errors.ts';
import { codeOfKind, errorSpan, STATIC_EXIT } from '../governance/findings.ts';

/** The error of a text that cannot be used: the first finding decides code and message. `findings` is not empty. */
export function sourceError(findings: readonly Diagnostic[]): CcosError {
  const [first] = findings as [Diagnostic];
  return new CcosError(codeOfKind(first.kind), first.message, {
    span: errorSpan(first.span),
    hint: first.hint,
    exit: STATIC_EXIT,
    details: {
      findings: findings.map(({ kind, message, span, excerpt, hint }) => ({
        code: codeOfKind(kind),
        message,
        span: errorSpan(span),
        excerpt,
        ...(hint === undefined ? {} : { hint }),
      })),
    },
  });
}
