import { describe, expect, test } from 'vitest';
import { Slots } from './slots.ts';

const never = new AbortController().signal;
const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  let done = false;
  promise.then(
    () => {
      done = true;
    },
    () => {
      done = true;
    },
  );
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  return done;
};

describe('M3.3 slots', () => {
  test('a tenant gets half, rounded up; another gets the rest', async () => {
    const slots = new Slots({ maxConcurrent: 3, queue: 8 });
    await slots.take('a', never);
    const release = await slots.take('a', never);
    const third = slots.take('a', never);
    expect(await settled(third)).toBe(false);
    await slots.take('b', never);
    release();
    expect(await settled(third)).toBe(true);
  });

  test('in arrival order within a tenant, tenants in turn', async () => {
    const slots = new Slots({ maxConcurrent: 1, queue: 8 });
    const order: string[] = [];
    const release = await slots.take('a', never);
    const run = async (tenant: string, name: string): Promise<void> => {
      const end = await slots.take(tenant, never);
      order.push(name);
      end();
    };
    const all = [run('a', 'a1'), run('a', 'a2'), run('b', 'b1'), run('b', 'b2')];
    release();
    await Promise.all(all);
    expect(order).toEqual(['b1', 'a1', 'b2', 'a2']);
  });

  test('a full queue is OVERLOADED; who gives up leaves it', async () => {
    const slots = new Slots({ maxConcurrent: 1, queue: 1 });
    const release = await slots.take('a', never);
    const stop = new AbortController();
    const waiting = slots.take('a', stop.signal);
    await expect(slots.take('a', never)).rejects.toMatchObject({ code: 'OVERLOADED', exit: 7 });
    stop.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    const next = slots.take('a', never);
    release();
    const another = await next;
    another();
  });

  test('giving a slot back twice gives back one', async () => {
    const slots = new Slots({ maxConcurrent: 2, queue: 8 });
    const release = await slots.take('a', never);
    await slots.take('b', never);
    release();
    release();
    await slots.take('a', never);
    expect(await settled(slots.take('c', never))).toBe(false);
  });
});
