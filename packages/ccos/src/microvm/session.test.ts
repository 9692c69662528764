import { describe, expect, test } from 'vitest';
import { Keyword, PMap, Vec, type Value } from '@ccos/rtfs';
import { systemClock } from '../foundation/clock.ts';
import { CcosError } from '../foundation/errors.ts';
import type { GuestHost, GuestReply, GuestStep } from '../model/guest-host.ts';
import { defaultLimits, type RunLimits } from '../model/limits.ts';
import type { GrantedPath } from '../model/program.ts';
import type { Exit, GuestProcess, LimitHit } from './provider.ts';
import { GuestSession } from './session.ts';

type Json = Record<string, unknown>;
type Script = (frame: Json, guest: ScriptedGuest) => void;

/** A guest that does what a test says; frames cross as text. */
class ScriptedGuest implements GuestProcess {
  readonly enforcement = {};
  readonly heard: Json[] = [];
  readonly exited: Promise<Exit>;
  hit: LimitHit | null = null;
  killed = 0;
  id = 0;
  readonly #exit = Promise.withResolvers<Exit>();
  #line: (line: string) => void = () => {};
  #end: (reason: string) => void = () => {};
  readonly channel;
  constructor(script: Script) {
    this.exited = this.#exit.promise;
    this.channel = {
      send: (frame: object) => {
        const heard = JSON.parse(JSON.stringify(frame)) as Json;
        this.heard.push(heard);
        queueMicrotask(() => {
          script(heard, this);
        });
      },
      onLine: (listener: (line: string) => void) => {
        this.#line = listener;
      },
      onEnd: (listener: (reason: string) => void) => {
        this.#end = listener;
      },
      close: () => {},
    };
  }
  say(t: string, body: Json): void {
    this.raw(JSON.stringify({ v: 1, id: this.id++, t, ...body }));
  }
  raw(line: string): void {
    this.#line(line);
  }
  die(exit: Exit, reason = 'closed'): void {
    this.#exit.resolve(exit);
    this.#end(reason);
  }
  stderrTail(): string {
    return 'last words';
  }
  usage(): never {
    throw new Error('not asked here');
  }
  limitHit(): Promise<LimitHit | null> {
    return Promise.resolve(this.hit);
  }
  kill(): Promise<Exit> {
    this.killed++;
    this.#exit.resolve({ code: null, signal: 'SIGKILL' });
    return this.exited;
  }
  mounts(path: string, access: string): boolean {
    return path === '/data' && access === 'read';
  }
}

const ready = (frame: Json): Json => ({
  protocol: 1,
  nonce: frame['nonce'],
  guest: 'sha256:test',
  runtime: 'test',
  features: [],
});
/** Answers the handshake and `bye`, and leaves the rest to `script`. */
const polite =
  (script: Script): Script =>
  (frame, guest) => {
    if (frame['t'] === 'hello') guest.say('ready', ready(frame));
    else if (frame['t'] === 'bye') guest.die({ code: 0, signal: null });
    else script(frame, guest);
  };
/** The same, with the frame of `run` handed over as its token. */
const onRun = (act: (run: string, guest: ScriptedGuest) => void): Script =>
  polite((frame, guest) => {
    if (frame['t'] === 'run') act(frame['run'] as string, guest);
  });
const aCall = (run: string, more: Json = {}): Json => ({
  run,
  path: '0#0',
  step: null,
  capability: 'ccos.echo',
  args: [1],
  exposure: { expose: null, keys: null },
  hints: {},
  timeoutMs: null,
  ...more,
});

const echo: GuestHost = {
  call: (call) => Promise.resolve({ ok: Vec.of([...call.args]) }),
  context: (_, key) => Promise.resolve({ ok: key }),
  pause: () => Promise.resolve({ ok: null }),
  checkpoint: () => Promise.resolve({ ok: null }),
  step: () => Promise.resolve({ ok: null }),
};

interface Setup {
  script: Script;
  host?: Partial<GuestHost>;
  limits?: Partial<RunLimits>;
}
function session({ script, host = {}, limits = {} }: Setup): { session: GuestSession; guest: ScriptedGuest } {
  const guest = new ScriptedGuest(script);
  const settings = {
    guestHost: { ...echo, ...host },
    guestDigest: 'sha256:test',
    limits: { ...defaultLimits(), ...limits },
    clock: systemClock,
  };
  return { guest, session: new GuestSession(guest, settings) };
}
async function run(setup: Setup): Promise<Value> {
  const { session: opened } = session(setup);
  await opened.handshake();
  const limit = setup.limits?.timeoutMs ?? 5_000;
  const value = await opened.run({
    program: { kind: 'rtfs-source', source: '1' },
    args: [],
    input: null,
    deadline: systemClock.monotonic() + limit,
  });
  await opened.close();
  return value;
}

describe('M8.3 handshake', () => {
  test.each<[string, string, Script]>([
    [
      'HANDSHAKE_FAILED',
      'nonce',
      (frame, guest) => {
        guest.say('ready', { ...ready(frame), nonce: 'A'.repeat(43) });
      },
    ],
    [
      'HANDSHAKE_FAILED',
      'protocol',
      (frame, guest) => {
        guest.say('ready', { ...ready(frame), protocol: 2 });
      },
    ],
    [
      'HANDSHAKE_FAILED',
      'guest digest',
      (frame, guest) => {
        guest.say('ready', { ...ready(frame), guest: 'sha256:other' });
      },
    ],
    ['STARTUP_TIMEOUT', 'did not answer within 100 ms', () => {}],
    [
      'PROTOCOL_VIOLATION',
      'not JSON',
      (_, guest) => {
        guest.raw('garbage');
      },
    ],
    [
      'PROTOCOL_VIOLATION',
      'out of state',
      (_, guest) => {
        guest.say('result', { run: 'a'.repeat(32), ok: true, value: 1 });
      },
    ],
    [
      'LAUNCH_FAILED',
      'exit code 1: last words',
      (_, guest) => {
        guest.die({ code: 1, signal: null });
      },
    ],
  ])('%s: %s', async (code, text, script) => {
    const { session: opened, guest } = session({ script, limits: { startupTimeoutMs: 100 } });
    await expect(opened.handshake()).rejects.toMatchObject({ code, message: expect.stringContaining(text) as string });
    expect(guest.killed).toBeGreaterThan(0);
  });

  test('the nonce is new for every session', async () => {
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const { session: opened, guest } = session({ script: polite(() => {}) });
        await opened.handshake();
        return guest.heard[0]!['nonce'];
      }),
    );
    expect(nonces[0]).not.toBe(nonces[1]);
  });
});

describe('M8 a run', () => {
  test('its value, decoded', async () => {
    expect(
      await run({
        script: onRun((token, guest) => {
          guest.say('result', { run: token, ok: true, value: { ':a': { $float: '2.0' } } });
        }),
      }),
    ).toEqual(PMap.of([[Keyword.of('a'), expect.anything() as Value]]));
  });

  test('a call gets exactly one reply, by its id', async () => {
    const script = polite((frame, guest) => {
      if (frame['t'] === 'run') {
        guest.id = 40;
        guest.say('call', aCall(frame['run'] as string));
      }
      if (frame['t'] === 'reply') {
        expect(frame).toMatchObject({ re: 40, ok: true, value: [1] });
        guest.say('result', { run: guest.heard.find((one) => one['t'] === 'run')!['run'], ok: true, value: 'done' });
      }
    });
    expect(await run({ script })).toBe('done');
  });

  test.each<[string, (run: string, guest: ScriptedGuest) => void]>([
    [
      'context',
      (token, guest) => {
        guest.say('context', { run: token, path: 'p', key: 'plan-id' });
      },
    ],
    [
      'pause',
      (token, guest) => {
        guest.say('pause', { run: token, path: 'p', ms: 1 });
      },
    ],
    [
      'checkpoint',
      (token, guest) => {
        guest.say('checkpoint', { run: token, path: 'p', label: null, context: {} });
      },
    ],
    [
      'step',
      (token, guest) => {
        guest.say('step', { run: token, path: 'p', event: 'started', name: 's', attempt: 1 });
      },
    ],
  ])('%s is answered', async (_, act) => {
    const script: Script = (frame, guest) => {
      onRun(act)(frame, guest);
      if (frame['t'] === 'reply')
        guest.say('result', { run: guest.heard.find((one) => one['t'] === 'run')!['run'], ok: true, value: 7 });
    };
    expect(await run({ script })).toBe(7);
  });

  test('O5.1 a step is over before the call behind it is served', async () => {
    const order: string[] = [];
    const host: Partial<GuestHost> = {
      step: async (step: GuestStep): Promise<GuestReply> => {
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
        order.push(step.event);
        return { ok: null };
      },
      call: () => {
        order.push('call');
        return Promise.resolve({ ok: null });
      },
    };
    const script: Script = (frame, guest) => {
      onRun((token, one) => {
        one.say('step', { run: token, path: 'p', event: 'started', name: 's', attempt: 1 });
        one.say('call', aCall(token));
        one.say('step', { run: token, path: 'p', event: 'completed', name: 's', attempt: 1, value: 1 });
      })(frame, guest);
      if (frame['t'] === 'reply' && frame['re'] === 2)
        guest.say('result', { run: guest.heard.find((one) => one['t'] === 'run')!['run'], ok: true, value: null });
    };
    await run({ script, host });
    expect(order).toEqual(['started', 'call', 'completed']);
  });

  test('a long value crosses both ways', async () => {
    const long = 'x'.repeat(600_000);
    const { session: opened, guest } = session({ script: polite(() => {}) });
    await opened.handshake();
    const value = opened.run({
      program: { kind: 'rtfs-source', source: long },
      args: [],
      input: long,
      deadline: systemClock.monotonic() + 5_000,
    });
    value.catch(() => {});
    const sent = guest.heard.filter((frame) => frame['t'] === 'blob');
    expect(sent.length).toBe(6);
    expect(guest.heard.at(-1)).toMatchObject({ t: 'run', program: { $blob: 0 }, input: { $blob: 1 } });
    guest.say('blob', {
      blob: 0,
      seq: 0,
      last: true,
      data: Buffer.from(JSON.stringify(long.slice(0, 250_000))).toString('base64'),
    });
    guest.say('result', { run: guest.heard.at(-1)!['run'], ok: true, value: { $blob: 0 } });
    expect(await value).toBe(long.slice(0, 250_000));
    await opened.close();
  });
});

describe('M8.4, attempts 43, 44 and 46: what no guest may do', () => {
  const other = 'f'.repeat(32);
  test.each<[string, (run: string, guest: ScriptedGuest) => void]>([
    [
      'not JSON',
      (_, guest) => {
        guest.raw('{');
      },
    ],
    [
      'a run that is not current',
      (_, guest) => {
        guest.say('result', { run: other, ok: true, value: 1 });
      },
    ],
    [
      'a run that is not current',
      (_, guest) => {
        guest.say('call', aCall(other));
      },
    ],
    [
      'a step outside its run',
      (_, guest) => {
        guest.say('step', { run: other, path: 'p', event: 'started', name: 's', attempt: 1 });
      },
    ],
    [
      "frame 'result' out of state",
      (token, guest) => {
        for (const value of [1, 2]) guest.say('result', { run: token, ok: true, value });
      },
    ],
    [
      "frame 'call' out of state",
      (token, guest) => {
        guest.say('result', { run: token, ok: true, value: 1 });
        guest.say('call', aCall(token));
      },
    ],
    [
      "frame 'ready' out of state",
      (_, guest) => {
        guest.say('ready', ready({ nonce: 'A'.repeat(43) }));
      },
    ],
    [
      'id does not increase',
      (token, guest) => {
        guest.say('log', { level: 'info', text: '' });
        guest.id = 0;
        guest.say('call', aCall(token));
      },
    ],
    [
      'more than 8 unanswered calls',
      (token, guest) => {
        for (let i = 0; i < 9; i++) guest.say('pause', { run: token, path: `${i}`, ms: 60_000 });
      },
    ],
    [
      "'args' is not a list",
      (token, guest) => {
        guest.say('call', aCall(token, { args: 1 }));
      },
    ],
    [
      'a blob that was not sent',
      (token, guest) => {
        guest.say('call', aCall(token, { args: { $blob: 3 } }));
      },
    ],
    [
      'blobs over 65536 bytes',
      (_, guest) => {
        guest.say('blob', { blob: 0, seq: 0, last: false, data: 'A'.repeat(100_000) });
      },
    ],
  ])('%s', async (reason, act) => {
    const forever: Partial<GuestHost> = { pause: () => new Promise(() => {}) };
    await expect(run({ script: onRun(act), host: forever, limits: { maxOutputBytes: 65_536 } })).rejects.toMatchObject({
      code: 'PROTOCOL_VIOLATION',
      details: { reason },
    });
  });

  test.each<[string, unknown]>([
    ['$x', { $x: 1 }],
    ['an int that is a number', { $int: '1' }],
    ['a deep value', JSON.parse('['.repeat(900) + ']'.repeat(900))],
  ])('a value that does not decode: %s', async (_, value) => {
    await expect(
      run({
        script: onRun((token, guest) => {
          guest.say('result', { run: token, ok: true, value });
        }),
      }),
    ).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });

  test('a violation acts at once: the call behind it is not served', async () => {
    let served = 0;
    const host: Partial<GuestHost> = {
      call: () => {
        served++;
        return Promise.resolve({ ok: null });
      },
    };
    await expect(
      run({
        host,
        script: onRun((token, guest) => {
          guest.raw('garbage');
          guest.say('call', aCall(token));
        }),
      }),
    ).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
    expect(served).toBe(0);
  });
});

describe('M8.7 death', () => {
  test('an exit without a result', async () => {
    await expect(
      run({
        script: onRun((_, guest) => {
          guest.die({ code: 3, signal: null });
        }),
      }),
    ).rejects.toMatchObject({ code: 'GUEST_CRASH', details: { exitCode: 3, signal: null, stderr: 'last words' } });
  });
  test('the limit that explains it', async () => {
    const script = onRun((_, guest) => {
      guest.hit = { code: 'LIMIT_MEMORY', enforcement: 'cgroup-v1', measured: 5 };
      guest.die({ code: 137, signal: null });
    });
    await expect(run({ script })).rejects.toMatchObject({
      code: 'LIMIT_MEMORY',
      exit: 6,
      details: { limit: 'memoryMb', value: 512, measured: 5, enforcement: 'cgroup-v1' },
    });
  });
  test('a result before the end counts', async () => {
    expect(
      await run({
        script: onRun((token, guest) => {
          guest.say('result', { run: token, ok: true, value: 1 });
          guest.die({ code: 0, signal: null });
        }),
      }),
    ).toBe(1);
  });
  test('a line over the cap', async () => {
    await expect(
      run({
        script: onRun((_, guest) => {
          guest.die({ code: null, signal: null }, 'over-cap');
        }),
      }),
    ).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });
  test('silence ends at the deadline, killed', async () => {
    const { session: opened, guest } = session({ script: polite(() => {}), limits: { timeoutMs: 50 } });
    await opened.handshake();
    const ended = opened.run({
      program: { kind: 'rtfs-source', source: '' },
      args: [],
      input: null,
      deadline: systemClock.monotonic() + 50,
    });
    await expect(ended).rejects.toMatchObject({
      code: 'LIMIT_TIME',
      details: { limit: 'timeoutMs', value: 50, enforcement: 'host-timer' },
    });
    expect(guest.killed).toBe(1);
  });
  test('the machine noticing it first is the same error (E1.6)', async () => {
    const script = onRun((token, guest) => {
      guest.say('result', {
        run: token,
        ok: false,
        error: { kind: 'DeadlineExceeded', message: 'Limit deadlineMs reached: 5' },
      });
    });
    await expect(run({ script })).rejects.toMatchObject({
      code: 'LIMIT_TIME',
      details: { limit: 'timeoutMs', enforcement: 'machine' },
    });
  });
});

describe('M3.4 cancel', () => {
  test.each<[string, Script]>([
    [
      'a guest that obeys',
      (frame, guest) => {
        polite((one, other) => {
          if (one['t'] === 'cancel')
            other.say('result', { run: one['run'], ok: false, error: { kind: 'Cancelled', message: 'x' } });
        })(frame, guest);
      },
    ],
    ['a guest that does not', polite(() => {})],
  ])('%s', async (_, script) => {
    const { session: opened, guest } = session({ script });
    await opened.handshake();
    const ended = opened.run({
      program: { kind: 'rtfs-source', source: '' },
      args: [],
      input: null,
      deadline: systemClock.monotonic() + 60_000,
    });
    opened.cancel();
    opened.cancel();
    await expect(ended).rejects.toMatchObject({ code: 'CANCELLED', exit: 130 });
    expect(guest.heard.filter((frame) => frame['t'] === 'cancel').length).toBe(1);
  });
});

describe('P4.6 effects in the guest', () => {
  const granted: GrantedPath = {
    grant: { path: '/data', asWritten: 'data', kind: 'folder', access: 'read' },
    relative: 'a',
  };
  const asking = (frame: Json, guest: ScriptedGuest, answer: Json): void => {
    polite((one, other) => {
      if (one['t'] === 'run') other.say('call', aCall(one['run'] as string));
      if (one['t'] === 'effect') other.say('result', { run: one['run'], ...answer });
      if (one['t'] === 'reply')
        other.say('result', {
          run: other.heard.find((heard) => heard['t'] === 'run')!['run'],
          ok: true,
          value: one['value'] ?? 'refused',
        });
    })(frame, guest);
  };
  const host: Partial<GuestHost> = {
    call: async (call, effects) => {
      expect(effects.covers(granted)).toBe(true);
      expect(effects.covers({ ...granted, grant: { ...granted.grant, access: 'write' } })).toBe(false);
      try {
        return { ok: await effects.run(call.capability, call.args, granted) };
      } catch (error) {
        return { error: { kind: 'IoError', message: (error as CcosError).code } };
      }
    },
  };
  test('runs while its call waits', async () => {
    expect(
      await run({
        host,
        script: (frame, guest) => {
          asking(frame, guest, { ok: true, value: 'text' });
        },
      }),
    ).toBe('text');
  });
  test('fails with its own code', async () => {
    const answer = {
      ok: false,
      error: { kind: 'IoError', code: 'IO_NOT_FOUND', message: 'File not found: a', hint: 'h' },
    };
    expect(
      await run({
        host,
        script: (frame, guest) => {
          asking(frame, guest, answer);
        },
      }),
    ).toBe('refused');
  });
  test('cannot claim a limit or a code that is none', async () => {
    const answer = { ok: false, error: { kind: 'MemoryLimit', code: 'LIMIT_MEMORY', message: 'm' } };
    await expect(
      run({
        host,
        script: (frame, guest) => {
          asking(frame, guest, answer);
        },
      }),
    ).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });
});

describe('E1.3 errors outward', () => {
  const failing = (error: Json): Script =>
    onRun((token, guest) => {
      guest.say('result', { run: token, ok: false, error });
    });
  test.each([
    [
      'TYPE_ERROR',
      { kind: 'TypeError', message: 'm', span: { start: 0, end: 1, line: 3, column: 4, endLine: 3, endColumn: 5 } },
    ],
    ['LIMIT_FUEL', { kind: 'FuelExhausted', message: 'm' }],
    ['INTERNAL', { kind: 'InternalError', message: 'm' }],
    ['PROGRAM_ERROR', { kind: 'MyOwn', message: 'm', data: { ':x': 1 } }],
    ['PROGRAM_ERROR', { kind: 'SecurityViolation', message: 'made up', data: { ':code': 'SECURITY_VIOLATION' } }],
  ])('%s', async (code, error) => {
    await expect(run({ script: failing(error) })).rejects.toMatchObject({ code, details: { kind: error.kind } });
  });
  test("a call's error that nobody caught keeps its code", async () => {
    const error = {
      kind: 'SecurityViolation',
      message: 'Security violation: no',
      data: PMap.of([[Keyword.of('code'), 'SECURITY_VIOLATION']]),
    };
    const script: Script = (frame, guest) => {
      onRun((token, one) => {
        one.say('call', aCall(token));
      })(frame, guest);
      if (frame['t'] === 'reply')
        guest.say('result', {
          run: guest.heard.find((one) => one['t'] === 'run')!['run'],
          ok: false,
          error: frame['error'],
        });
    };
    await expect(run({ script, host: { call: () => Promise.resolve({ error }) } })).rejects.toMatchObject({
      code: 'SECURITY_VIOLATION',
      exit: 4,
    });
  });
  test('what the host itself throws ends the run with it', async () => {
    const host: Partial<GuestHost> = { call: () => Promise.reject(new CcosError('CHAIN_UNAVAILABLE', 'disk')) };
    await expect(
      run({
        host,
        script: onRun((token, guest) => {
          guest.say('call', aCall(token));
        }),
      }),
    ).rejects.toMatchObject({ code: 'CHAIN_UNAVAILABLE' });
  });
});
