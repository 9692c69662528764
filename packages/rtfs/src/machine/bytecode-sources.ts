/** The modules that a container holds, for its compilation. */
import type { Form } from '../reader/forms.ts';
import type { Finding } from '../syntax/refusal.ts';
import type { ModuleForm } from './bytecode-write.ts';
import type { Sources } from './module-sources.ts';
import type { Diagnostic } from './types.ts';

/** Modules by name; no text is at hand, so a finding shows no line. */
export class BytecodeSources implements Sources {
  readonly #modules: ReadonlyMap<string, Form>;
  readonly #used = new Set<string>();
  readonly loaded = [];
  readonly diagnostics = [];

  constructor(modules: readonly ModuleForm[]) {
    this.#modules = new Map(modules.map(({ name, form }) => [name, form]));
  }

  forms(name: string): readonly Form[] | null {
    const form = this.#modules.get(name);
    if (form === undefined) return null;
    this.#used.add(name);
    return [form];
  }

  /** True when the program loads every module that it came with. */
  get allUsed(): boolean {
    return this.#used.size === this.#modules.size;
  }

  diagnostic(finding: Finding): Diagnostic {
    return { ...finding, excerpt: '' };
  }
}
