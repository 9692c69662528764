/** `ccos intent` as a user meets it (I10). */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { ccos, workspace, type Ended } from './harness.ts';

let space: ReturnType<typeof workspace>;
beforeEach(() => {
  space = workspace();
});
afterEach(() => space.remove());

const run = (...words: string[]): Promise<Ended> => ccos(['intent', ...words], { cwd: space.folder });
async function done(...words: string[]): Promise<string> {
  const ended = await run(...words);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  return ended.stdout.trimEnd();
}
const file = (name: string): string => join(space.folder, name);

describe('ccos intent', () => {
  it('adds, links, moves, shows, lists and finds', async () => {
    const parent = await done(
      'add',
      'Back up the data',
      '--constraint',
      'max-cost=5',
      'region="e=u"',
      '--criteria',
      '(fn [r] r)',
    );
    expect(parent).toMatch(/^intent-[0-9a-f-]{36}$/);
    const child = await done('add', 'Rotate "keys"\nnow');
    expect(await done('link', child, 'IsSubgoalOf', parent, '--weight', '0.5')).toBe(`${child} IsSubgoalOf ${parent}`);
    expect(await done('status', child, 'Failed', '--reason', 'disk\nfull')).toBe(
      `${child}  Failed     Rotate "keys" now`,
    );
    expect((await done('list')).split('\n')).toEqual([
      `${parent}  Active     Back up the data`,
      `${child}  Failed     Rotate "keys" now`,
    ]);
    expect(await done('list', '--status', 'Failed')).toContain(child);
    expect(JSON.parse(await done('list', '--json'))).toMatchObject([
      {
        intent_id: parent,
        constraints: { 'max-cost': '5', region: '"e=u"' },
        success_criteria: '(fn [r] r)',
        child_intents: [child],
      },
      { intent_id: child, parent_intent: parent },
    ]);
    const shown = await done('show', child);
    expect(shown).toContain(`edge: ${child} IsSubgoalOf ${parent} (0.5)`);
    expect(shown).toContain(': Active → Failed: disk full');
    expect(JSON.parse(await done('show', child, '--json'))).toMatchObject({
      intent: { intent_id: child },
      edges: [{ weight: 0.5 }],
      history: [{ oldStatus: 'Active', newStatus: 'Failed', reason: 'disk\nfull' }],
    });
    expect(await done('search', 'KEYS')).toBe(`1.43  ${child}  Failed     Rotate "keys" now`);
    expect(JSON.parse(await done('search', 'data', '--json'))).toMatchObject([
      { intent: { intent_id: parent }, score: 1.56 },
    ]);
    const log = await ccos(['log', '--json', '--intent', child], { cwd: space.folder });
    expect((JSON.parse(log.stdout) as { kind: string; principal: string }[]).map(({ kind }) => kind)).toEqual([
      'IntentCreated',
      'IntentRelationshipCreated',
      'IntentStatusChanged',
    ]);
    expect(log.stdout).toMatch(/"principal": "user:/);
    const lines = await ccos(['log', '--kind', 'IntentStatusChanged'], { cwd: space.folder });
    expect(lines.stdout).toContain(`Active → Failed ${child}`);
    expect((await ccos(['verify'], { cwd: space.folder })).code).toBe(0);
  });

  test.each<[string, string[], string, RegExp]>([
    ['a group alone', [], '', /^$/],
    ['an unknown command', ['ad', 'x'], 'USAGE', /did you mean add\?/],
    ['a command without its operand', ['add'], 'USAGE', /ccos intent add needs GOAL/],
    ['an empty goal', ['add', ''], 'INTENT_INVALID', /\/goal/],
    ['a constraint without a name', ['add', 'g', '--constraint', '=5'], 'USAGE', /max-cost=5/],
    ['a constraint that does not read', ['add', 'g', '--constraint', 'a=(1'], 'input:1:', /\/constraints\/a/],
    ['an unknown intent', ['show', 'nobody'], 'INTENT_NOT_FOUND', /ccos intent list/],
    ['an unknown type', ['link', 'a', 'dependson', 'b'], 'USAGE', /did you mean DependsOn\?/],
    ['an edge to nobody', ['link', 'a', 'DependsOn', 'b'], 'INTENT_EDGE_DANGLING', /no intent a/],
    ['a weight above one', ['link', 'a', 'DependsOn', 'b', '--weight', '2'], 'INTENT_INVALID', /from 0 to 1/],
    ['an unknown status', ['status', 'a', 'Done', '--reason', 'r'], 'USAGE', /one of Active/],
    ['no reason', ['status', 'a', 'Failed'], 'USAGE', /--reason TEXT/],
    ['a format of other commands', ['graph', '--format', 'jsonl'], 'USAGE', /one of json, dot, mermaid, svg/],
    ['prefer without merge', ['restore', 'f', '--prefer', 'backup'], 'USAGE', /--merge/],
    ['a backup that is not there', ['restore', 'f'], 'IO', /ENOENT/],
    ['a check of nothing', ['restore', 'f', '--check'], 'IO', /ENOENT/],
  ])('refuses %s with exit 2', async (_what, words, code, said) => {
    await done('add', 'there is something');
    const { code: exit, stderr, stdout } = await run(...words);
    expect([exit, stderr.includes(code)]).toEqual([2, true]);
    expect(stderr).toMatch(said);
    if (words.length === 0) expect(stdout).toContain('ccos intent COMMAND [options]');
  });

  it('reads nothing where there is no state folder, and makes none', async () => {
    for (const words of [['list'], ['graph'], ['backup', 'x.json']]) {
      const { code, stderr } = await run(...words);
      expect([code, stderr.includes('STATE_OPEN')]).toEqual([2, true]);
    }
    expect(readdirSync(space.folder)).toEqual(['examples']);
  });

  it('backs up, checks, previews, restores, merges', async () => {
    const id = await done('add', 'Keep me');
    expect(await done('backup', 'b.json')).toBe(`1 intent and 0 edges written to ${file('b.json')}`);
    expect(await done('restore', 'b.json', '--check')).toBe('1 intent and 0 edges verified');
    expect(JSON.parse(await done('restore', 'b.json', '--check', '--json'))).toMatchObject({
      ok: true,
      signed: 'verified',
      findings: [],
    });
    const other = await done('add', 'Lose me');
    await done('status', id, 'Suspended', '--reason', 'r');
    expect((await done('restore', 'b.json', '--preview')).split('\n')).toEqual([`~ ${id}`, `- ${other}`]);
    const merge = await run('restore', 'b.json', '--merge');
    expect([merge.code, merge.stderr.includes('BACKUP_CONFLICT'), merge.stderr.includes('--prefer')]).toEqual([
      2,
      true,
      true,
    ]);
    expect(await done('restore', 'b.json', '--merge', '--prefer', 'current')).toContain('already');
    expect(await done('restore', 'b.json')).toMatch(
      /^0 intents added, 1 changed, 1 removed; the graph before is kept in .*pre-restore-.*\.json$/,
    );
    expect(await done('list')).toBe(`${id}  Active     Keep me`);
    expect(await done('restore', 'b.json')).toContain('already');

    writeFileSync(file('e.json'), readFileSync(file('b.json'), 'utf8').replaceAll('Keep me', 'Keep you'));
    for (const words of [['e.json'], ['e.json', '--check'], ['e.json', '--preview'], ['e.json', '--merge']]) {
      const { code, stderr } = await run('restore', ...words);
      expect([code, stderr.includes('BACKUP_INTEGRITY')]).toEqual([8, true]);
    }
    writeFileSync(file('v.json'), readFileSync(file('b.json'), 'utf8').replace('"1.1"', '"7"'));
    const version = await run('restore', 'v.json');
    expect([version.code, version.stderr.includes('BACKUP_VERSION')]).toEqual([2, true]);
    expect((await run('restore', 'v.json', '--check')).code).toBe(8);
    expect(await done('list')).toBe(`${id}  Active     Keep me`);
  });

  it('says that it rebuilt a snapshot, and that an intent is gone', async () => {
    const id = await done('add', 'Keep me');
    const snapshot = file('.ccos/intents/intents.json');
    writeFileSync(snapshot, readFileSync(snapshot, 'utf8').replace('Keep', 'Kept'));
    const read = await run('list');
    expect([read.code, read.stderr.includes('warning SNAPSHOT_REBUILT'), read.stdout]).toEqual([
      0,
      true,
      `${id}  Active     Keep me\n`,
    ]);
    const write = await run('add', 'More');
    expect([write.code, write.stderr.includes('kept as intents.json.corrupt-')]).toEqual([0, true]);
    expect((await run('list')).stderr).toBe('');
  });

  it('[shown] `ccos intent graph --format svg` draws the graph, every goal readable and no two boxes on each other', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 6; n++) ids.push(await done('add', `Goal ${n} <with> "marks" & more`));
    for (let n = 1; n < 5; n++)
      await done('link', ids[n] as string, n % 2 === 0 ? 'DependsOn' : 'IsSubgoalOf', ids[0] as string);
    const svg = await done('graph', '--format', 'svg');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*>[^]*<\/svg>$/);
    for (let n = 0; n < 6; n++) expect(svg).toContain(`Goal ${n} &lt;with&gt; &quot;marks&quot;`);
    const boxes = [...svg.matchAll(/<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)" rx/g)].map(
      (match) => match.slice(1).map(Number),
    );
    expect(boxes).toHaveLength(6);
    for (const [at, [x = 0, y = 0, w = 0, h = 0]] of boxes.entries())
      for (const [u = 0, v = 0, s = 0, t = 0] of boxes.slice(at + 1))
        expect(x + w <= u || u + s <= x || y + h <= v || v + t <= y).toBe(true);
    expect([...svg.matchAll(/<path d="M[^"]*C/g)]).toHaveLength(4);
    expect(JSON.parse(await done('graph', '--format', 'svg', '--json'))).toMatchObject({ format: 'svg' });
    expect(JSON.parse(await done('graph'))).toMatchObject({ metadata: { nodes: 6, edges: 4, droppedEdges: 0 } });
    expect(JSON.parse(await done('graph', '--status', 'Failed'))).toMatchObject({
      nodes: [],
      metadata: { droppedEdges: 4 },
    });
    expect(await done('graph', '--format', 'dot')).toMatch(/^digraph/);
    expect(await done('graph', '--format', 'mermaid')).toMatch(/^flowchart/);
  });
});
