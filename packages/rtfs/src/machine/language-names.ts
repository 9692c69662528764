/** The names that a program can use without defining them, by what they are: for completion, and for editors. */
import { EFFECT_TEMPLATES } from '../syntax/effect-templates.ts';
import { FORMS } from '../syntax/forms.ts';
import { LIBRARY } from './library.ts';

/** What a name of the language is. An effect function calls something where it is named (R11.8). */
export type NameKind = 'form' | 'function' | 'effect';

/** The names of a kind, sorted. A name that is several things is what it is in head position (R4.3). */
export function languageNames(kind: NameKind): string[] {
  const effects = new Set(Object.keys(EFFECT_TEMPLATES));
  const forms = new Set([...FORMS.keys()].filter((name) => !effects.has(name)));
  if (kind === 'effect') return [...effects].toSorted();
  if (kind === 'form') return [...forms].toSorted();
  return [...new Set(LIBRARY.names())].filter((name) => !effects.has(name) && !forms.has(name)).toSorted();
}
