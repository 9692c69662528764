/** A typed body as something that can be archived (A2). */
import type { Hash } from '../foundation/digest.ts';
import type { Archivable } from './archive.ts';
import { sealObject } from './object.ts';

/** A typed body as an entity. `id` is what people call it; its hash unless it has a name of its own. */
export class Entity<B, Type extends string> implements Archivable {
  readonly type: Type;
  readonly body: B;
  readonly #id: string | undefined;

  constructor(type: Type, body: B, id?: string) {
    this.type = type;
    this.body = body;
    this.#id = id;
  }

  contentHash(): Hash {
    return sealObject(this.type, this.body).hash;
  }
  entityId(): string {
    return this.#id ?? this.contentHash();
  }
  entityType(): Type {
    return this.type;
  }
  toBody(): B {
    return this.body;
  }
}
