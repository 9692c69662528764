/** How many executions run at once on one provider (M3.3): a bound, half of it a tenant, and a queue in which tenants take turns. */
import { CcosError } from '../foundation/errors.ts';

export interface SlotLimits {
  readonly maxConcurrent: number;
  readonly queue: number;
}
interface Waiter {
  readonly tenant: string;
  readonly grant: () => void;
}

/** The slots of one provider. */
export class Slots {
  readonly #limits: SlotLimits;
  readonly #running = new Map<string, number>();
  readonly #waiting: Waiter[] = [];
  #total = 0;
  /** Tenants in the order in which they were last served, the least recent first. */
  #served: string[] = [];

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /**
   * Waits for a slot and answers how to give it back. Throws `OVERLOADED` when the queue is full; rejects with the signal's reason
   * when that aborts first.
   */
  async take(tenant: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#fits(tenant)) return this.#start(tenant);
    if (this.#waiting.length >= this.#limits.queue) {
      throw new CcosError('OVERLOADED', `${this.#total} executions run and ${this.#waiting.length} wait`, {
        hint: 'try again later, or raise max_concurrent or queue in the settings',
      });
    }
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        tenant,
        grant: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
    });
    return this.#release(tenant);
  }

  /** A slot that is free now, and how to give it back; null when one would have to be waited for. */
  tryTake(tenant: string): (() => void) | null {
    return this.#waiting.length === 0 && this.#fits(tenant) ? this.#start(tenant) : null;
  }

  #fits(tenant: string): boolean {
    return (
      this.#total < this.#limits.maxConcurrent &&
      (this.#running.get(tenant) ?? 0) < Math.ceil(this.#limits.maxConcurrent / 2)
    );
  }
  #start(tenant: string): () => void {
    this.#count(tenant, 1);
    this.#served = [...this.#served.filter((name) => name !== tenant), tenant];
    return this.#release(tenant);
  }
  #count(tenant: string, by: number): void {
    this.#total += by;
    const left = (this.#running.get(tenant) ?? 0) + by;
    if (left === 0) this.#running.delete(tenant);
    else this.#running.set(tenant, left);
  }
  #release(tenant: string): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#count(tenant, -1);
      this.#next();
    };
  }
  #next(): void {
    const turn = (waiter: Waiter): number => this.#served.indexOf(waiter.tenant);
    const ready = this.#waiting.filter((waiter) => this.#fits(waiter.tenant)).sort((a, b) => turn(a) - turn(b))[0];
    if (ready === undefined) return;
    this.#waiting.splice(this.#waiting.indexOf(ready), 1);
    this.#start(ready.tenant);
    ready.grant();
    this.#next();
  }
}
