import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { FRAME_BYTES_MAX, FRAME_DEPTH_MAX, FRAMES, membersProblem, type FrameSender } from './frames.ts';
import { parseFrame } from './parse-frame.ts';

const RUN = 'a'.repeat(32);
const call = {
  v: 1,
  id: 5,
  t: 'call',
  run: RUN,
  path: '0#0',
  step: null,
  capability: 'ccos.echo',
  args: [1],
  exposure: { expose: null, keys: null },
  hints: {},
  timeoutMs: null,
};
const result = { v: 1, id: 5, t: 'result', run: RUN, ok: true, value: 3 };

function judge(frame: unknown, sender: FrameSender = 'guest', idBefore = 4): string {
  const parsed = parseFrame(typeof frame === 'string' ? frame : JSON.stringify(frame), sender, idBefore);
  return 'frame' in parsed ? 'ok' : parsed.violation;
}

describe('M8.2 well-formed frames pass', () => {
  test.each([
    ['call', call],
    ['call in a step', { ...call, step: { path: '0.1#0', name: 'read' } }],
    ['result', result],
    [
      'failed result',
      {
        v: 1,
        id: 5,
        t: 'result',
        run: RUN,
        ok: false,
        error: {
          kind: 'TypeError',
          message: 'm',
          span: { start: 0, end: 1, line: 1, column: 1, endLine: 1, endColumn: 2 },
        },
      },
    ],
    ['step', { v: 1, id: 5, t: 'step', run: RUN, path: '0#0', event: 'started', name: 's', attempt: 1 }],
    ['log', { v: 1, id: 5, t: 'log', level: 'info', text: 'x' }],
    ['blob', { v: 1, id: 5, t: 'blob', blob: 0, seq: 0, last: true, data: 'MQ==' }],
  ])('%s', (_, frame) => {
    expect(judge(frame)).toBe('ok');
  });
});

describe('M8.4 every difference is a violation', () => {
  test.each([
    ['not JSON', 'garbage'],
    ['not JSON', ''],
    ['not a JSON object', '[1]'],
    ['not a JSON object', 'null'],
    ['unknown version', { ...call, v: 2 }],
    ['id is not an integer from 0', { ...call, id: -1 }],
    ['id is not an integer from 0', { ...call, id: 1.5 }],
    ['id is not an integer from 0', { ...call, id: '5' }],
    ['id does not increase', { ...call, id: 4 }],
    ['unknown type of frame', { ...call, t: 'net.open' }],
    ['unknown type of frame', { ...call, t: '__proto__' }],
    ['unknown type of frame', { ...call, t: 'constructor' }],
    ["frame 'hello' is not the guest's", { v: 1, id: 5, t: 'hello' }],
    ["frame 'call': 'path' is not a string", { ...call, path: 1 }],
    ["frame 'call': 'run' is not a run token", { ...call, run: 'b' }],
    ["frame 'call': 'timeoutMs' is not an integer from 0 or null", { ...call, timeoutMs: -1 }],
    ["frame 'call': unknown field 'extra'", { ...call, extra: 1 }],
    ["frame 'result': 'value' is missing", { v: 1, id: 5, t: 'result', run: RUN, ok: true }],
    ["frame 'result': 'error' is missing", { ...result, ok: false }],
    ["frame 'result': 'error' beside 'value'", { ...result, error: { kind: 'k', message: 'm' } }],
    [
      "frame 'result': 'error' is not an error",
      { v: 1, id: 5, t: 'result', run: RUN, ok: false, error: { kind: 'k' } },
    ],
    [
      "frame 'step': 'event' is not started or completed or failed",
      { v: 1, id: 5, t: 'step', run: RUN, path: 'p', event: 'gone', name: 's', attempt: 1 },
    ],
  ])('%s', (reason, frame) => {
    expect(judge(frame)).toBe(reason);
  });

  test('a key given twice: the last one counts', () => {
    expect(judge(JSON.stringify(result).replace('"ok":true', '"ok":false,"ok":true'))).toBe('ok');
    expect(judge(JSON.stringify(result).replace('"ok":true', '"ok":true,"ok":7'))).toBe(
      "frame 'result': 'ok' is not true or false",
    );
  });

  test('an own __proto__ key is an unknown field and changes no prototype', () => {
    expect(judge(JSON.stringify(call).replace('{"v"', '{"__proto__":{"polluted":1},"v"'))).toBe(
      "frame 'call': unknown field '__proto__'",
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('depth at the limit passes, one deeper does not, and 100,000 do not overflow', () => {
    const nested = (depth: number): string =>
      JSON.stringify({ ...result, value: 0 }).replace('"value":0', `"value":${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(judge(nested(FRAME_DEPTH_MAX - 1))).toBe('ok');
    expect(judge(nested(FRAME_DEPTH_MAX))).toBe(`frame nested deeper than ${FRAME_DEPTH_MAX}`);
    expect(judge(nested(100_000))).toBe(`frame nested deeper than ${FRAME_DEPTH_MAX}`);
  });

  test('brackets inside strings are no depth', () => {
    expect(judge({ ...result, value: `"\\${'['.repeat(5_000)}` })).toBe('ok');
  });

  test('length at the cap passes, one more does not', () => {
    const long = (length: number): string => {
      const empty = JSON.stringify({ ...result, value: '' });
      return empty.replace('""', `"${'x'.repeat(length - empty.length)}"`);
    };
    expect(judge(long(FRAME_BYTES_MAX - 1))).toBe('ok');
    expect(judge(long(FRAME_BYTES_MAX))).toBe(`frame over ${FRAME_BYTES_MAX} bytes`);
  });

  test('never throws, whatever the line', () => {
    const mutated = fc
      .tuple(
        fc.constantFrom(...[call, result].map((frame) => JSON.stringify(frame))),
        fc.nat(),
        fc.string({ maxLength: 8 }),
      )
      .map(([line, at, piece]) => line.slice(0, at % line.length) + piece + line.slice((at % line.length) + 1));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mutated), (line) => {
        expect(typeof judge(line)).toBe('string');
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('M8.4 the frames of a call are judged by their shape as the table judges them', () => {
  const reply = { v: 1, id: 5, t: 'reply', re: 0, ok: true, value: 3 };
  /** What the table alone says of a frame. */
  const byTable = (frame: Record<string, unknown>): string | null =>
    membersProblem(frame, FRAMES[frame['t'] as 'call' | 'reply'].fields, ['v', 'id', 't']);
  const scalars = [null, 0, -1, 1.5, 2 ** 53, true, false, '', 'x', 'x'.repeat(1_025), 'x'.repeat(4_097), RUN];
  const steps = [{ path: '0', name: 's' }, { path: '0', name: 's', more: 1 }, { path: '0' }, { path: 1, name: 's' }];
  const exposures = [{ expose: null, keys: null }, { expose: true, keys: ['k'] }, { expose: null }, { keys: null }];
  const others = [{ expose: null, keys: null, more: 1 }, [null, null], [], {}, `${RUN}\n`];
  const odd = fc.constantFrom<unknown>(...scalars, ...steps, ...exposures, ...others);
  const names = [...Object.keys(call), ...Object.keys(reply), 'extra', '__proto__', 'error', 'hasOwnProperty'];
  const change = fc.tuple(
    fc.constantFrom(...names.filter((name) => !['v', 'id', 't'].includes(name))),
    odd,
    fc.boolean(),
  );
  const changed = fc
    .tuple(fc.constantFrom<Record<string, unknown>>(call, reply), fc.array(change, { maxLength: 3 }))
    .map(([frame, changes]) => {
      const members = new Map(Object.entries(frame));
      for (const [name, value, drop] of changes) {
        if (drop) members.delete(name);
        else members.set(name, value);
      }
      return `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
    });

  test('generated frames, hostile ones included', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(changed, (line) => {
        const frame = JSON.parse(line) as Record<string, unknown>;
        const sender = frame['t'] === 'call' ? 'guest' : 'host';
        const parsed = parseFrame(line, sender, 4);
        const problem = byTable(frame);
        seen.add(`${sender} ${'frame' in parsed}`);
        if ('frame' in parsed) {
          expect(problem).toBeNull();
          expect(parsed.frame).toEqual(frame);
        } else if (problem !== null) expect(parsed.violation).toBe(`frame '${String(frame['t'])}': ${problem}`);
        // Beside the table there is one rule: a reply has a value or an error, as `ok` says.
        else expect([frame['t'], parsed.violation]).toEqual(['reply', expect.stringMatching(/'(?:value|error)'/)]);
      }),
      { numRuns: 10_000 },
    );
    expect(seen.size).toBe(4);
  });

  test('a frame of the other side is refused, whatever its shape', () => {
    expect(judge(call, 'host')).toBe("frame 'call' is not the host's");
    expect(judge(reply, 'guest')).toBe("frame 'reply' is not the guest's");
  });
});
