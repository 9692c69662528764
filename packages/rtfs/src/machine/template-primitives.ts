/** What templates do when they are evaluated (R9.3): collections with spliced parts, reader prefixes, metadata. */
import { collectionOf, prefixed, withMeta } from '../reader/code.ts';
import type { CollectionForm, PrefixForm } from '../reader/forms.ts';
import { chargedElements } from '../stdlib/args.ts';
import { invalid, limit } from '../values/fail.ts';
import type { Value } from '../values/kinds.ts';
import type { Runtime } from './runtime.ts';

/** `mask` has a character a part: `@` for one that is spliced. Costs the elements that are spliced (R17.1). */
function template(rt: Runtime, kind: CollectionForm['t'], mask: string, ...parts: Value[]): Value {
  const items: Value[] = [];
  parts.forEach((one, i) => {
    if (mask[i] !== '@') {
      items.push(one);
      return;
    }
    for (const item of chargedElements(rt, '~@', one)) items.push(item);
    if (items.length > rt.limits.collectionSize) limit('collectionSize', rt.limits.collectionSize);
  });
  if (kind === 'map' && items.length % 2 !== 0) invalid('~@', 'a map needs a value for every key');
  return collectionOf(kind, items);
}

export const TEMPLATE_PRIMITIVES = {
  '%template': template,
  '%prefixed': (_rt: Runtime, prefix: PrefixForm['t'], value: Value) => prefixed(prefix, value),
  '%with-meta': (_rt: Runtime, value: Value, meta: Value) => withMeta(value, meta),
};
