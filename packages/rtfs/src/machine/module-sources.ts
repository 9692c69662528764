/** The texts of a compilation: the program's own and those of the modules that the host finds (R10.3). */
import { read, utf8Bytes } from '../reader/read.ts';
import type { Form } from '../reader/forms.ts';
import { excerptAt } from '../reader/render.ts';
import { moduleError } from '../syntax/imports.ts';
import { refuse } from '../syntax/refusal.ts';
import type { Finding } from '../syntax/refusal.ts';
import type { CompileOptions, Diagnostic, Limits, ModuleSource } from './types.ts';

/** A program with its modules may be so many times as large as one text, up to the largest text of all (R17.5). */
const TEXTS = 16;
const BYTES_MAX = 64 * 1024 * 1024;

/** Where a compilation finds modules, and the lines that findings are about. */
export interface Sources {
  readonly loaded: readonly ModuleSource[];
  /** What the reader found in modules. */
  readonly diagnostics: readonly Diagnostic[];
  /** The forms of a module; null where there is none of the name. Throws a refusal where it cannot be had. */
  forms(name: string, at: Form): readonly Form[] | null;
  /** A finding with the line it is about. */
  diagnostic(finding: Finding): Diagnostic;
}

/** The texts by file, so that a finding shows the line it is about; and the modules in the order in which they were loaded. */
export class ModuleSources implements Sources {
  readonly #o: CompileOptions;
  readonly #limits: Limits;
  readonly #texts = new Map<string | undefined, string>();
  #left: number;
  readonly loaded: ModuleSource[] = [];
  /** What the reader found in modules. */
  readonly diagnostics: Diagnostic[] = [];

  constructor(text: string, o: CompileOptions, limits: Limits) {
    this.#o = o;
    this.#limits = limits;
    this.#left = Math.min(TEXTS * limits.sourceBytes, BYTES_MAX) - utf8Bytes(text);
    this.#texts.set(o.file, text);
  }

  /** The forms of a module; null when the host has none of the name. Throws a refusal where it cannot be had. */
  forms(name: string, at: Form): readonly Form[] | null {
    const found = this.#find(name, at);
    if (found === null) return null;
    const { source, file } = found;
    this.#left -= utf8Bytes(source);
    if (this.#left < 0) {
      const what = `the program is larger than ${Math.min(TEXTS * this.#limits.sourceBytes, BYTES_MAX)} bytes with its modules`;
      refuse('ParseError', `Parse error: ${what}`, at.span, 'import fewer modules, or smaller ones');
    }
    this.loaded.push({ name, source, file });
    this.#texts.set(file, source);
    const { forms, diagnostics } = read(source, { file, limits: this.#limits });
    this.diagnostics.push(...diagnostics);
    return diagnostics.some(({ severity }) => severity === 'error') ? [] : forms;
  }

  /** A host that throws has no such module either, and says why (R13.9). */
  #find(name: string, { span }: Form): { readonly source: string; readonly file: string } | null {
    try {
      return this.#o.modules?.resolve(name) ?? null;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return moduleError(name, 'ModuleNotFound', `the module ${name} cannot be had: ${why}`, { span });
    }
  }

  /** A finding with the line it is about. */
  diagnostic(finding: Finding): Diagnostic {
    const text = this.#texts.get(finding.span.file) ?? this.#texts.get(this.#o.file) ?? '';
    return { ...finding, excerpt: excerptAt(text, finding.span) };
  }
}
