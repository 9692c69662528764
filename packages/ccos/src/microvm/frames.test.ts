import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { FRAME_BYTES_MAX, FRAME_DEPTH_MAX, parseFrame, type FrameSender } from './frames.ts';

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
