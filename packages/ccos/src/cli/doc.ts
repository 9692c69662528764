/** `ccos doc`: a form, function or capability explained, the list of all, or the page that teaches a model to write plans. */
import { clojureHint, SIGNATURE_TYPES, signatureOf, similar } from '@ccos/rtfs/internal';
import { BUILTINS } from '../capabilities/builtins.ts';
import { CcosError } from '../foundation/errors.ts';
import type { Run } from './invocation.ts';
import type { Output } from './output.ts';
import { PAGES, readPrompt, readReference, type ReferenceEntry } from './reference.ts';
import { wrap } from './wrap.ts';

const WIDTH = 100;

/** Prints what was asked for. Throws `USAGE` for a name that nobody explains. */
export const doc: Run = async ({ operands: [name], options, output }) => {
  if (options.prompt === true) {
    if (name !== undefined) throw new CcosError('USAGE', '--prompt takes no NAME', { hint: 'ccos doc --prompt' });
    print(output, readPrompt(), { prompt: readPrompt() });
    return 0;
  }
  const entries = allEntries();
  if (name === undefined) {
    print(output, listing(entries), entries);
    return 0;
  }
  const entry = findEntry(entries, name);
  const signatures = signaturesOf(entry);
  print(output, explanation(entry, signatures), { ...entry, signatures });
  return 0;
};

/** The explanation of a name as text; ends with a newline. Throws `USAGE` with the nearest names. */
export function explained(name: string): string {
  const entry = findEntry(allEntries(), name);
  return explanation(entry, signaturesOf(entry));
}

function print(output: Output, text: string, document: unknown): void {
  if (output.json) output.document(document);
  else output.text(text);
}

/** Everything that can be explained. */
export function allEntries(): readonly ReferenceEntry[] {
  return [...readReference(), ...capabilityEntries()];
}

/** The built-in capabilities, explained by their table. */
function capabilityEntries(): readonly ReferenceEntry[] {
  return BUILTINS.map(({ id, title, input, output, effects }) => ({
    names: [id],
    topic: 'Capabilities',
    part: effects.map((effect) => `:${effect}`).join(' '),
    text: `\`(call :${id} …)\`: ${title.charAt(0).toLowerCase()}${title.slice(1)}. Arguments \`${input}\`, result \`${output}\`.`,
    examples: [],
  }));
}

/** The entry of a name. Throws `USAGE` with the nearest names. */
export function findEntry(entries: readonly ReferenceEntry[], name: string): ReferenceEntry {
  const found = entries.find(({ names }) => names.includes(name));
  if (found !== undefined) return found;
  const near = similar(
    name,
    entries.flatMap(({ names }) => names),
  );
  const hint =
    clojureHint(name) ?? (near.length === 0 ? 'ccos doc lists all names' : `did you mean ${near.join(', ')}?`);
  throw new CcosError('USAGE', `Nothing is called ${JSON.stringify(name)}`, { hint, details: { name, similar: near } });
}

/** What the function of an entry takes and gives, each way a line; none for forms and capabilities. */
export function signaturesOf({ names: [name = ''], topic }: ReferenceEntry): readonly string[] {
  return topic === 'Forms' ? [] : (signatureOf(name) ?? []);
}

/** An entry as text; ends with a newline. */
export function explanation(
  { names, topic, part, text, examples }: ReferenceEntry,
  signatures: readonly string[],
): string {
  const types = SIGNATURE_TYPES.filter(([type]) => signatures.some((line) => new RegExp(`:${type}\\b`).test(line)));
  return [
    names.join(', '),
    ...signatures.map((line) => `  ${line}`),
    ...types.map(([type, , about]) => `  :${type} is ${about}`),
    '',
    ...wrap(text, WIDTH),
    ...(examples.length === 0 ? [] : ['', ...examples.map((line) => `  ${line}`)]),
    '',
    `${topic}: ${part}`,
    '',
  ].join('\n');
}

function listing(entries: readonly ReferenceEntry[]): string {
  const parts = new Map<string, string[]>();
  for (const { names, topic, part } of entries) {
    const key = `${topic}: ${part}`;
    parts.set(key, [...(parts.get(key) ?? []), ...names]);
  }
  const listed = [...parts].flatMap(([title, names]) => [
    title,
    ...wrap(names.join(' '), WIDTH - 2).map((line) => `  ${line}`),
    '',
  ]);
  return [
    ...listed,
    `ccos doc NAME explains one; the pages are docs/reference/{${PAGES.join(',')}}.md and docs/capabilities.md`,
    '',
  ].join('\n');
}
