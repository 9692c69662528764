/**
 * Who may write to a collection in place. A collection is *owned* if exactly one reference to it exists; whoever holds that one may
 * change it where it stands instead of making a new version. The compiler proves the one reference (`compile/ownership.ts`).
 *
 * An owned collection has an edit whose `whole` it is. A collection inside it that has the same edit was made with it and is owned
 * with it; it is never owned by itself. So ownership of the whole, or of all that is inside it, ends by forgetting or changing one
 * word, without a walk.
 */
import type { Collection } from './collection.ts';

/** An identity, made anew whenever a collection becomes owned or something owned with it is handed out. */
export class Edit {
  whole: Collection | null = null;
}

/** The edit of a collection that is owned by itself, else null: then a change makes a new version. */
export function editOf(v: unknown): Edit | null {
  if (typeof v !== 'object' || v === null) return null;
  const { edit = null } = v as { edit?: Edit | null };
  return edit !== null && edit.whole === v ? edit : null;
}
