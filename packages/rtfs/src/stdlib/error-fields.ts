/** What a program reads of an error value (R8.1): `(:kind e)`, `(get e :message)`, `ex-data` and their like. */
import { ErrorValue, Keyword } from '../values/kinds.ts';
import type { Span, Value } from '../values/kinds.ts';
import { PMap } from '../values/map.ts';
import { Vec } from '../values/vector.ts';

function record(fields: Readonly<Record<string, Value>>): PMap {
  return PMap.of(Object.entries(fields).map(([name, value]) => [Keyword.of(name), value] as const));
}

function spanMap(span: Span): PMap {
  return record({
    line: span.line,
    column: span.column,
    'end-line': span.endLine,
    'end-column': span.endColumn,
    file: span.file ?? null,
  });
}

/** The kind as a keyword; nil for what is no error. */
export function kindOf(e: Value): Value {
  return e instanceof ErrorValue ? Keyword.of(e.kind) : null;
}

/** The message; nil for what is no error. */
export function messageOf(e: Value): Value {
  return e instanceof ErrorValue ? e.message : null;
}

/** The data; nil for what is no error. */
export function dataOf(e: Value): Value {
  return e instanceof ErrorValue ? e.data : null;
}

/** The value of an error at a key, undefined where an error has none: `:kind :message :data :span :trace` (R8.1). */
export function errorField(e: ErrorValue, key: Value): Value | undefined {
  if (!(key instanceof Keyword)) return undefined;
  switch (key.name) {
    case 'kind':
      return kindOf(e);
    case 'message':
      return e.message;
    case 'data':
      return e.data;
    case 'span':
      return e.span === null ? null : spanMap(e.span);
    case 'trace':
      return Vec.of(e.trace.map(({ fn, line, column }) => record({ fn, line, column })));
    default:
      return undefined;
  }
}
