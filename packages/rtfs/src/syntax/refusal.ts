/**
 * Static errors of analysis. A refusal is thrown inside a form and caught by the nearest body, so that one compilation reports
 * every wrong form and not only the first.
 */
import type { Json } from '../machine/types.ts';
import { ErrorValue } from '../values/kinds.ts';
import type { Span } from '../values/kinds.ts';

/** A finding before it has an excerpt. */
export interface Finding {
  readonly kind: string;
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly span: Span;
  readonly hint?: string;
  /** The error's data (R18), where the message does not hold all of it. */
  readonly data?: Json;
}

/** A static error on its way to the diagnostics. Never leaves this package. */
export class Refusal extends Error {
  readonly kind: string;
  readonly code: string;
  readonly span: Span;
  readonly hint: string | undefined;
  readonly data: Json | undefined;
  constructor(
    kind: string,
    code: string,
    message: string,
    at: { span: Span; hint?: string | undefined; data?: Json | undefined },
  ) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.span = at.span;
    this.hint = at.hint;
    this.data = at.data;
  }

  finding(): Finding {
    const { kind, code, message, span, hint, data } = this;
    const more = { ...(hint === undefined ? {} : { hint }), ...(data === undefined ? {} : { data }) };
    return { kind, code, severity: 'error', message, span, ...more };
  }
}

/** A refusal, or a form that is no data, as a finding. Throws what is neither. */
export function findingOf(error: unknown, span: Span): Finding {
  if (error instanceof ErrorValue) {
    const { kind, message } = error;
    return { kind, code: kind, severity: 'error', message, span };
  }
  if (!(error instanceof Refusal)) throw error;
  return error.finding();
}

/** Refuses a form of wrong shape: `{form}: {what}; expected {shape}` (R18). */
export function wrongShape(form: string, what: string, shape: string, span: Span): never {
  throw new Refusal('SyntaxError', 'WrongShape', `${form}: ${what}; expected ${shape}`, { span });
}

/** Refuses for another static reason. */
export function refuse(kind: string, message: string, span: Span, hint?: string): never {
  throw new Refusal(kind, kind, message, { span, hint });
}
