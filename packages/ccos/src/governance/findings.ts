/** What admission finds wrong (G1.15): all findings of one stage are reported, and the first decides. */
import type { Span } from '@ccos/rtfs';
import { CcosError, ERRORS, type ErrorCode, type ErrorSpan } from '../foundation/errors.ts';
import type { OptionHint } from '../security/decision.ts';
import { renderOptions } from '../security/hints.ts';

/** One finding. `exit` where the code has another exit at admission (E3); `rule` where a policy rule decided. */
export interface Finding {
  readonly code: ErrorCode;
  readonly message: string;
  readonly span?: Span | undefined;
  readonly excerpt?: string | undefined;
  readonly hint?: string | undefined;
  readonly exit?: number | undefined;
  readonly rule?: string | undefined;
  readonly options?: readonly OptionHint[] | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** What the language warns of (R15.20 and others): it changes no exit code (E1.9). */
export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly span: ErrorSpan;
  readonly excerpt: string;
  readonly hint?: string;
}

/** A static error's exit code (E2: 3, though some of these kinds have another at run time). */
export const STATIC_EXIT = 3;

/** The code of a kind of the language (E2). A kind without a row of its own is a static error of form. */
export function codeOfKind(kind: string): ErrorCode {
  const found = (Object.keys(ERRORS) as ErrorCode[]).find((code) => ERRORS[code].kind === kind);
  return found ?? 'SYNTAX_ERROR';
}

/** Any error of a check as a finding. */
export function findingOf(error: CcosError, at: { readonly span?: Span; readonly exit?: number } = {}): Finding {
  return {
    code: error.code,
    message: error.message,
    hint: error.hint,
    span: at.span,
    exit: at.exit ?? error.exit,
    details: error.details,
  };
}

/** A span of the language as an error's. */
export function errorSpan(span: Span): ErrorSpan {
  const { line, column, endLine, endColumn, file } = span;
  return { line, column, endLine, endColumn, ...(file === undefined ? {} : { file }) };
}

/**
 * The error that refuses a plan: the first finding's, with all of them under `details.findings`, each `{code,
 * message, span?, excerpt?, rule?, hint?}`. Options that several findings ask for stand in one hint (S14.10).
 */
export function refusal(stage: string, findings: readonly Finding[], decisionId: string | null): CcosError {
  const [first] = findings;
  if (first === undefined) throw new CcosError('INTERNAL', `The stage '${stage}' refused without a finding`);
  const { code, message, span, exit } = first;
  return new CcosError(code, message, {
    span: span === undefined ? undefined : errorSpan(span),
    hint: combinedHint(findings),
    exit,
    details: {
      ...first.details,
      stage,
      rule: ruleOf(stage, first),
      ...(decisionId === null ? {} : { decisionId }),
      findings: findings.map(plainFinding),
    },
  });
}

/** The rule that decided (G1.15). */
export function ruleOf(stage: string, finding: Finding): string {
  return finding.rule ?? `admission:${stage}`;
}

/** One line with every option that the findings ask for; where one of them has no option, its own hint. */
export function combinedHint(findings: readonly Finding[]): string | undefined {
  const helpless = findings.find(({ options }) => options === undefined || options.length === 0);
  if (helpless !== undefined) return helpless.hint ?? findings[0]?.hint;
  return renderOptions(findings.flatMap(({ options }) => options ?? []));
}

function plainFinding({ code, message, span, excerpt, rule, hint }: Finding): Readonly<Record<string, unknown>> {
  return {
    code,
    message,
    ...(span === undefined ? {} : { span: errorSpan(span) }),
    ...(excerpt === undefined ? {} : { excerpt }),
    ...(rule === undefined ? {} : { rule }),
    ...(hint === undefined ? {} : { hint }),
  };
}
