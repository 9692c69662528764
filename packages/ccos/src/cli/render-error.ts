/** Errors as people read them (R1.37): `file:line:column: message`, the source line, a caret, `hint: …`. */
import type { CcosError, ErrorSpan } from '../foundation/errors.ts';
import { visible } from '../foundation/controls.ts';

/** One finding of several that a stage reports (G1.15), as it stands in `details.findings`. */
interface Finding {
  readonly message: string;
  readonly span?: ErrorSpan;
  readonly excerpt?: string;
  readonly rule?: string;
  readonly hint?: string;
}

/** The text of an error for stderr; ends with a newline. All findings of one stage are in it (E1.4). */
export function renderError(error: CcosError): string {
  const findings = findingsOf(error.details['findings']);
  const own: Finding = {
    message: error.message,
    ...(error.span === undefined ? {} : { span: error.span }),
    ...(typeof error.details['excerpt'] === 'string' ? { excerpt: error.details['excerpt'] } : {}),
    ...(typeof error.details['rule'] === 'string' ? { rule: error.details['rule'] } : {}),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
  const repeated = findings.some(({ message }) => message === error.message);
  const told = [...(repeated ? [] : [own]), ...findings];
  // What cures all findings at once stands once, ready to paste, instead of a part of it behind each (S14.10).
  const together = error.hint !== undefined && told.every(({ hint }) => hint !== error.hint);
  return (
    told
      .map(({ hint, ...finding }) =>
        renderFinding(together || hint === undefined ? finding : { ...finding, hint }, error.code),
      )
      .join('') + (together ? `hint: ${visible(error.hint ?? '')}\n` : '')
  );
}

/** A warning of the language at its place, for stderr; ends with a newline. */
export function renderWarning({ code, message, ...at }: Finding & { readonly code: string }): string {
  return renderFinding({ ...at, message: `warning ${code}: ${message}` }, code);
}

function findingsOf(list: unknown): Finding[] {
  return Array.isArray(list)
    ? list.filter((one): one is Finding => typeof (one as Finding | null)?.message === 'string')
    : [];
}

function renderFinding(finding: Finding, code: string): string {
  const { span, excerpt, rule, hint } = finding;
  const place = span === undefined ? `ccos: ${code}` : `${visible(span.file ?? 'input')}:${span.line}:${span.column}`;
  const lines = [`${place}: ${visible(finding.message)}`];
  if (span !== undefined && excerpt !== undefined && excerpt !== '') lines.push(...excerptLines(excerpt, span));
  if (rule !== undefined) lines.push(`rule: ${visible(rule)}`);
  if (hint !== undefined) lines.push(`hint: ${visible(hint)}`);
  return `${lines.join('\n')}\n`;
}

/** The source line and a caret below the span. Tabs stay tabs above the caret, so that it stands where the eye expects it. */
function excerptLines(excerpt: string, span: ErrorSpan): string[] {
  const line = [...visible(excerpt.split('\n')[0] ?? '')];
  const indent = line
    .slice(0, span.column - 1)
    .map((char) => (char === '\t' ? '\t' : ' '))
    .join('')
    .padEnd(span.column - 1);
  const end = span.endLine === span.line ? span.endColumn : line.length + 1;
  return [`  ${line.join('')}`, `  ${indent}${'^'.repeat(Math.max(1, Math.min(end, line.length + 1) - span.column))}`];
}
