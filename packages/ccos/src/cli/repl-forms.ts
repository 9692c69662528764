/** What the prompt must know of a form without running it: what it defines, which names it uses, how its value becomes text. */
import type { Form } from '@ccos/rtfs';

/** Definitions that have a value of their own, and a name to read it by. */
const VALUED = new Set(['def', 'defn', 'defn-', 'defstruct']);
/** What may stand at the top level alone. */
const TOP_LEVEL = new Set(['defmacro', 'deftype', 'declare', 'module', 'import', 'resource']);
/** What may change what a later form means. */
const DEFINERS: ReadonlySet<string> = new Set([...VALUED, ...TOP_LEVEL, 'set!']);

function headOf(form: Form): string {
  const head = form.t === 'list' ? form.items[0] : undefined;
  return head?.t === 'symbol' ? head.name : '';
}

/** The name that a top-level definition gives to its value; '' when it has none, null for any other form. */
export function nameOf(form: Form): string | null {
  const head = headOf(form);
  if (TOP_LEVEL.has(head)) return '';
  if (!VALUED.has(head)) return null;
  const name = form.t === 'list' ? form.items[1] : undefined;
  return name?.t === 'symbol' ? name.name : '';
}

/** The names that a top-level form defines, as far as they can be seen in it. */
export function namesDefined(form: Form): string[] {
  const head = headOf(form);
  if (!DEFINERS.has(head) && head !== 'do') return [];
  const items = form.t === 'list' ? form.items : [];
  if (head === 'do') return items.slice(1).flatMap(namesDefined);
  const names = head === 'declare' ? items.slice(1) : items.slice(1, 2);
  return names.flatMap((name) => (name.t === 'symbol' ? [name.name] : []));
}

/** Whether a form may define something that outlives it. */
export function defines(form: Form): boolean {
  return DEFINERS.has(headOf(form)) || partsOf(form).some(defines);
}

/** What makes or changes state; a name of the library may stand behind a prefix (R10.5). */
const STATE = new Set(['atom', 'set!', 'swap!', 'reset!', 'context/set']);

/** Whether a form may make or change state that outlives it. */
export function hasState(form: Form): boolean {
  if (form.t === 'symbol') return STATE.has(form.name) || STATE.has(form.name.slice(form.name.indexOf('/') + 1));
  return partsOf(form).some(hasState);
}

/** `(core/f form)`: whatever the session names `f`, the library's is meant (R10.5). */
export function valueForm(form: Form, name: 'pr-str' | 'type-name'): Form {
  const { span } = form;
  return { t: 'list', items: [{ t: 'symbol', name: `core/${name}`, span }, form], span };
}

function partsOf(form: Form): readonly Form[] {
  switch (form.t) {
    case 'list':
    case 'vector':
    case 'map':
    case 'set':
      return form.meta === undefined ? form.items : [form.meta, ...form.items];
    case 'literal':
    case 'symbol':
    case 'error':
      return [];
    case 'annotation':
      return [form.type];
    default:
      return [form.form];
  }
}

/** The forms among `kept` that `form` can reach through the names it uses, in their order. */
export function reachable(kept: readonly Form[], form: Form): Form[] {
  const names = new Set<string>();
  const wanted = new Set<Form>();
  const use = (one: Form): void => {
    if (one.t === 'symbol') names.add(one.name).add(one.name.split('/')[0] as string);
    partsOf(one).forEach(use);
  };
  use(form);
  for (let before = -1; before !== wanted.size;) {
    before = wanted.size;
    for (const one of kept) {
      const defined = namesDefined(one);
      // A form whose names are not seen may change any.
      if (wanted.has(one) || (defined.length > 0 && !defined.some((name) => names.has(name)))) continue;
      wanted.add(one);
      use(one);
    }
  }
  return kept.filter((one) => wanted.has(one));
}
