/** What the prompt must know of a form without running it: what it defines, which names it uses, how its value becomes text. */
import { Keyword, type Form } from '@ccos/rtfs';

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

/**
 * The forms among `kept` that `form` can reach through the names it uses, in their order. One whose names are not seen from
 * outside (a `def` inside something, a module, an import) may be reached by any.
 */
export function reachable(kept: readonly Form[], form: Form): Form[] {
  const owners = new Map<string, Form[]>();
  const wanted = new Set<Form>();
  const open: Form[] = [form];
  for (const one of kept) {
    const names = isSeen(one) ? namesDefined(one) : [];
    if (names.length === 0) open.push(one);
    for (const name of names) owners.set(name, [...(owners.get(name) ?? []), one]);
  }
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    wanted.add(one);
    for (const name of namesUsed(one)) {
      open.push(...(owners.get(name) ?? []).filter((owner) => !wanted.has(owner)));
      owners.delete(name);
    }
  }
  return kept.filter((one) => wanted.has(one));
}

/** Whether all that a form defines is what `namesDefined` sees. */
function isSeen(form: Form): boolean {
  const head = headOf(form);
  return head !== 'module' && head !== 'import' && head !== 'do' && head !== 'set!';
}

/** Names as a form uses them: symbols, the parts of `a/b`, and types, which are keywords too and may end with `?` (R15.2). */
function namesUsed(form: Form): string[] {
  const own =
    form.t === 'symbol' ? form.name : form.t === 'literal' && form.value instanceof Keyword ? form.value.name : '';
  const [before = ''] = own.split('/');
  return [...(own === '' ? [] : [own, before, own.replace(/\?$/, '')]), ...partsOf(form).flatMap(namesUsed)];
}
