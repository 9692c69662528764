/** What the user has defined at the prompt: for completion and `:doc`. */
import type { Form } from '@ccos/rtfs';
import { namesDefined } from './repl-forms.ts';
import type { Entry } from './repl-job.ts';

/** A definition: how it is called or written, and its docstring. */
export interface OwnDefinition {
  readonly signatures: readonly string[];
  readonly doc: string | null;
}

/** The definitions that a top-level form makes. */
export function definitionsOf(form: Form, entry: Entry): [string, OwnDefinition][] {
  const items = form.t === 'list' ? form.items : [];
  const texts = items.map((item) =>
    entry.text.slice(item.span.start - form.span.start, item.span.end - form.span.start),
  );
  const head = texts[0] ?? '';
  const isFunction = head.startsWith('defn') || head === 'defmacro';
  const doc = items.slice(2, -1).find((item) => item.t === 'literal' && typeof item.value === 'string');
  return namesDefined(form).map((name) => [
    name,
    {
      signatures: isFunction ? signatures(name, items, texts) : [`(${head} ${name} …)`],
      doc: doc?.t === 'literal' ? String(doc.value) : null,
    },
  ]);
}

function signatures(name: string, items: readonly Form[], texts: readonly string[]): string[] {
  const call = (parameters: string): string => `(${[name, parameters.slice(1, -1).trim()].filter(Boolean).join(' ')})`;
  const at = items.findIndex(({ t }) => t === 'vector');
  if (at >= 0) return [call(texts[at] as string)];
  return items.flatMap((item, index) => {
    const vector = item.t === 'list' ? item.items[0] : undefined;
    if (vector?.t !== 'vector') return [];
    const { start } = item.span;
    return [call((texts[index] as string).slice(vector.span.start - start, vector.span.end - start))];
  });
}
