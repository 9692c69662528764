/**
 * Bytecode (M1): a program after reading and expansion, with the forms of its modules in it, so that whoever runs it needs neither the
 * folder nor the macros of its plan. It is data: what is read from it is analysed like the forms of a text, and nothing in it says
 * what the program may do or which operations of the runtime it uses.
 */
import type { CollectionForm, Form, SymbolForm } from '../reader/forms.ts';
import { Keyword } from '../values/kinds.ts';
import type { Span } from '../values/kinds.ts';
import { seal, unseal } from './bytecode-format.ts';
import { readPayload } from './bytecode-read.ts';
import { writePayload } from './bytecode-write.ts';
import type { FileNames, ModuleForm, ProgramForms } from './bytecode-write.ts';
import { resolveLimits } from './limits.ts';
import { formsOf } from './program.ts';
import type { CompiledProgram, Limits } from './types.ts';

/** A container, read and checked. */
export interface Bytecode extends ProgramForms {
  /** The digest of the container, 64 hex digits. */
  readonly digest: string;
  /** The hash of what it was made of, 64 hex digits. */
  readonly source: string;
}

/** What an encoding is told. */
export interface EncodeOptions {
  /** The file that the program's own spans bear. */
  readonly file: string;
  /** What the container calls that file and those of modules: the same by default. */
  readonly names?: FileNames;
  /** The hash of what the program was made of, 64 hex digits. */
  readonly source: string;
}

/**
 * The container of a program that `compile` made. Throws BytecodeError for a program that is too large, TypeError for one that
 * `compile` did not make.
 */
export function encodeBytecode(program: CompiledProgram, o: EncodeOptions): Uint8Array {
  const kept = formsOf(program);
  if (kept === undefined) throw new TypeError('not a program that compile made');
  const modules = program.modules.flatMap(({ name, file }): ModuleForm[] => {
    const text = kept.modules.get(name);
    return text === undefined ? [] : [{ name, file, form: moduleForm(name, file, text) }];
  });
  const forms = withoutMacros(kept.forms);
  const payload = writePayload({ file: o.file, expansions: kept.expansions, forms, modules }, o.names);
  // A program that could not be read again is refused here, and not where it should run.
  readPayload(payload, resolveLimits());
  return seal(o.source, payload);
}

/** Reads a container. Throws BytecodeError for bytes that `encodeBytecode` did not write (M1.4). */
export function decodeBytecode(bytes: Uint8Array, limits?: Partial<Limits>): Bytecode {
  const { digest, source, payload } = unseal(bytes);
  return { ...readPayload(payload, resolveLimits(limits)), digest, source };
}

/** A module as one form that lists what it exports: what it exports by default depends on forms that are gone. */
function moduleForm(
  name: string,
  file: string,
  text: { readonly exports: readonly string[]; readonly forms: readonly Form[] },
): CollectionForm {
  const span: Span = text.forms[0]?.span ?? { start: 0, end: 0, line: 1, column: 1, endLine: 1, endColumn: 1, file };
  const symbol = (of: string): SymbolForm => ({ t: 'symbol', name: of, span });
  const exports: CollectionForm = {
    t: 'list',
    items: [
      { t: 'literal', value: Keyword.of('exports'), span },
      { t: 'vector', items: text.exports.map(symbol), span },
    ],
    span,
  };
  return { t: 'list', items: [symbol('module'), symbol(name), exports, ...withoutMacros(text.forms)], span };
}

/**
 * Top-level forms with the bodies of their macros left out. The definitions stay, for a macro's name may be exported and imported, and
 * sites count the forms (R11.9).
 */
function withoutMacros(forms: readonly Form[]): Form[] {
  return forms.map((form) => {
    if (form.t !== 'list') return form;
    const [head, name] = form.items;
    if (head?.t !== 'symbol' || name === undefined) return form;
    if (head.name === 'module') return { ...form, items: withoutMacros(form.items) };
    if (head.name !== 'defmacro') return form;
    return { ...form, items: [head, name, { t: 'vector', items: [], span: form.span }] };
  });
}
