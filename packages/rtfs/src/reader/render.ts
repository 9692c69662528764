/** A diagnostic as text for people (R1.37). */
import type { Diagnostic } from '../machine/types.ts';
import type { Span } from '../values/kinds.ts';

/** The longest excerpt, in characters; of a longer line the part around the column is shown. */
const WIDTH = 160;

/** The line of `text` on which `span` begins. */
export function excerptAt(text: string, span: Span): string {
  const start = text.lastIndexOf('\n', span.start - 1) + 1;
  const end = text.indexOf('\n', span.start);
  const line = text.slice(start, end < 0 ? text.length : end);
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/**
 * A diagnostic as R1.37 lays it out: `file:line:column: message`, the source line, a caret line, `hint: …`, and one
 * line for each
 * related place.
 */
export function renderDiagnostic(d: Diagnostic): string {
  const { span } = d;
  const severity = d.severity === 'warning' ? 'warning: ' : '';
  const lines = [`${place(span)}: ${severity}${d.message}`, ...pointAt(d.excerpt, span)];
  for (const related of d.related ?? []) lines.push(`${place(related.span)}: ${related.message}`);
  if (d.hint !== undefined) lines.push(`hint: ${d.hint}`);
  return lines.join('\n');
}

function place(span: Span): string {
  return `${span.file ?? '<source>'}:${span.line}:${span.column}`;
}

function pointAt(excerpt: string, span: Span): string[] {
  const characters = [...excerpt];
  const from =
    characters.length <= WIDTH ? 0 : Math.max(0, Math.min(span.column - 1 - WIDTH / 2, characters.length - WIDTH));
  const shown = characters.slice(from, from + WIDTH);
  const indent = shown
    .slice(0, span.column - 1 - from)
    .map((c) => (c === '\t' ? '\t' : ' '))
    .join('');
  const end = span.endLine === span.line ? span.endColumn : characters.length + 1;
  const carets = Math.max(1, Math.min(end - span.column, shown.length - (span.column - 1 - from)));
  return [shown.join(''), indent + '^'.repeat(carets)];
}
