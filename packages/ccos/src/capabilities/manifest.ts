/** Manifests (P1) as far as built-ins need them, made from the one table, with their compiled schemas. */
import { Vec, type Value } from '@ccos/rtfs';
import { parseType, typeName, validate } from '@ccos/rtfs/internal';
import { hash, type Hash } from '../foundation/digest.ts';
import { CcosError } from '../foundation/errors.ts';
import type { IsolationKind } from '../model/isolation.ts';
import { isDangerous, type EffectClass } from '../security/effects.ts';
import type { BuiltinRow, Side } from './builtins.ts';

const VERSION = '1.0.0';
const RESULT_BYTES_MAX = 16 * 1024 * 1024;
/** Of a result that breaks its schema, the record keeps at most this much (P3.3). */
const WITHHELD_LENGTH_MAX = 4096;

type Type = ReturnType<typeof parseType>;

/** What is known of a capability before it is called (P1). */
export interface CapabilityManifest {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly effects: readonly EffectClass[];
  readonly input: string;
  readonly output: string;
  readonly idempotent: boolean;
  readonly timeoutMs: number;
  readonly maxResultBytes: number;
  readonly minIsolation: IsolationKind;
  readonly path: 'read' | 'write' | null;
  readonly implementation: { readonly kind: 'builtin'; readonly side: Side };
}

/** A manifest with what is computed from it: its schemas are compiled at first use. */
export class Registered {
  readonly manifest: CapabilityManifest;
  #input: Type | null = null;
  #output: Type | null = null;
  #hash: Hash | null = null;

  constructor(manifest: CapabilityManifest) {
    this.manifest = manifest;
  }

  /** The archive hash of the manifest (P1.2, type `manifest`). */
  get manifestHash(): Hash {
    return (this.#hash ??= hash('manifest', { body: this.manifest, type: 'manifest' }));
  }

  /** Checks the vector of arguments (P3.2). Throws `CAP_INPUT {pointer, expected, found}`. */
  checkInput(args: readonly Value[]): void {
    this.#input ??= parseType(this.manifest.input);
    const [violation] = validate(Vec.of([...args]), this.#input);
    if (violation === undefined) return;
    const { path, expected, message } = violation;
    throw new CcosError('CAP_INPUT', `Arguments of ${this.manifest.id} do not fit: ${message}`, {
      hint: `${this.manifest.id} takes ${this.manifest.input}`,
      details: { capability: this.manifest.id, pointer: path, expected, found: violation.actual },
    });
  }

  /** Checks a result (P3.3). Throws `CAP_OUTPUT`; the value itself stays out of the message. */
  checkOutput(value: Value, shown: () => string): void {
    this.#output ??= parseType(this.manifest.output);
    const [violation] = validate(value, this.#output);
    if (violation === undefined) return;
    throw new CcosError(
      'CAP_OUTPUT',
      `The result of ${this.manifest.id} is not ${this.manifest.output} but a ${typeName(value)}`,
      {
        hint: 'this is a defect of the capability',
        details: {
          capability: this.manifest.id,
          pointer: violation.path,
          expected: violation.expected,
          value: shown().slice(0, WITHHELD_LENGTH_MAX),
        },
      },
    );
  }
}

/** The manifest of a row of the table. */
export function builtinManifest(row: BuiltinRow): CapabilityManifest {
  return Object.freeze({
    id: row.id,
    version: VERSION,
    title: row.title,
    effects: Object.freeze([...row.effects]),
    input: row.input,
    output: row.output,
    idempotent: row.idempotent,
    timeoutMs: row.timeoutMs,
    maxResultBytes: RESULT_BYTES_MAX,
    minIsolation: isDangerous(row.effects) ? ('wasm' as const) : ('none' as const),
    path: row.path,
    implementation: Object.freeze({ kind: 'builtin' as const, side: row.side }),
  });
}
