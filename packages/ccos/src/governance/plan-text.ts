/** Receiving a plan (O1, G1.1): its bytes become a text, and the text has one hash, whoever proposed it and when. */
import { hash, type Hash } from '../foundation/digest.ts';
import { CcosError } from '../foundation/errors.ts';
import type { Plan } from '../model/plan.ts';

/** Bytes of the largest plan (O1.3). */
const PLAN_BYTES_MAX = 1024 * 1024;

/** The text of a plan, byte for byte (O1.2). Throws `PLAN_INVALID`. */
export function planText(source: string | Uint8Array): string {
  const bytes = typeof source === 'string' ? Buffer.byteLength(source) : source.byteLength;
  if (bytes > PLAN_BYTES_MAX)
    throw invalid(`it has ${bytes} bytes, at most 1 MiB is allowed`, 'pass data as input or read it from a file');
  let text: string;
  try {
    text =
      typeof source === 'string' ? source : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(source);
  } catch (error) {
    throw invalid('it is not UTF-8', 'save the file as UTF-8', error);
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) throw invalid(`it holds a NUL at position ${nul + 1}`, 'is it a text file?');
  if (!text.isWellFormed()) throw invalid('it holds half a surrogate pair', 'save the file as UTF-8');
  return text;
}

function invalid(why: string, hint: string, cause?: unknown): CcosError {
  return new CcosError('PLAN_INVALID', `Cannot take the plan: ${why}`, { hint, cause });
}

/** The plan of a text and of the modules that it loads (O1, R10.6). */
export function planOf(
  text: string,
  modules: readonly { readonly name: string; readonly source: string }[] = [],
): Plan {
  const sources = Object.fromEntries(modules.map(({ name, source }) => [name, source]));
  return planWith({ rtfs: text, ...(modules.length === 0 ? {} : { modules: sources }) });
}

/** The plan of bytecode (M1.4), given as base64: its hash and the archive cover the very bytes. */
export function bytecodePlan(bytecode: string): Plan {
  return planWith({ bytecode });
}

function planWith(body: Plan['body']): Plan {
  return {
    language: 'Rtfs20',
    body,
    inputSchema: null,
    outputSchema: null,
    policies: {},
    capabilitiesRequired: [],
  };
}

/** `planHash`: the archive hash of the plan (O1.1). */
export function planHash(plan: Plan): Hash {
  return hash('plan', { body: plan, type: 'plan' });
}
