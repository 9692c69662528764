/** Forms as text that reads back as the same forms. White space and comments of the source are gone. */
import { print } from '../values/print.ts';
import type { Form } from './forms.ts';

const BRACKETS = { list: ['(', ')'], vector: ['[', ']'], map: ['{', '}'], set: ['#{', '}'] } as const;
const PREFIXES = { quote: "'", quasiquote: '`', unquote: '~', splice: '~@', deref: '@' } as const;

/** The text of one form, on one line. */
export function printForm(form: Form): string {
  const parts: string[] = [];
  write(form, parts);
  return parts.join('');
}

function write(form: Form, out: string[]): void {
  switch (form.t) {
    case 'literal':
      out.push(print(form.value));
      return;
    case 'symbol':
      if (form.meta !== undefined) writeMeta(form.meta, out);
      out.push(form.name);
      return;
    case 'annotation':
      // A colon of its own: glued to a symbol it could be taken for a part of the name (R1.18).
      out.push(': ');
      write(form.type, out);
      return;
    case 'error':
      out.push('#<unreadable>');
      return;
    case 'list':
    case 'vector':
    case 'map':
    case 'set': {
      if (form.meta !== undefined) writeMeta(form.meta, out);
      const [open, close] = BRACKETS[form.t];
      out.push(open);
      form.items.forEach((item, i) => {
        if (i > 0) out.push(' ');
        write(item, out);
      });
      out.push(close);
      return;
    }
    default:
      // `~ @x` is an unquote of a deref, `~@x` a splice.
      out.push(PREFIXES[form.t], form.t === 'unquote' && form.form.t === 'deref' ? ' ' : '');
      write(form.form, out);
  }
}

function writeMeta(meta: Form, out: string[]): void {
  out.push('^');
  write(meta, out);
  out.push(' ');
}
