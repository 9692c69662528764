import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { systemFiles, type Files } from '../foundation/files.ts';
import { openChain } from './chain.ts';
import type { ChainRecord, RecordDraft } from './record.ts';
import { restPath } from './rest.ts';
import { verifyChain } from './verify.ts';

const scratch = fs.mkdtempSync(join(tmpdir(), 'ccos-rest-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));
let homes = 0;
const newHome = (): string => join(scratch, String(homes++), '.ccos');
const note = (more: Partial<RecordDraft> = {}): RecordDraft => ({
  kind: 'InternalStep',
  principal: 'host',
  payload: { name: 'note' },
  ...more,
});

/** A chain at rest with so many notes; the records of the last process. */
async function atRest(home: string, notes = 3, segmentBytesMax?: number): Promise<ChainRecord[]> {
  const chain = await openChain(home, segmentBytesMax === undefined ? {} : { segmentBytesMax });
  const records: ChainRecord[] = [];
  for (let n = 0; n < notes; n++) records.push(await chain.append(note()));
  await chain.close();
  return records;
}

/** The machine's files, and how often a segment was opened to be read. */
function counting(): { files: Files; segmentsRead(): number } {
  let count = 0;
  const files: Files = {
    ...systemFiles,
    open: (path, access, mode) => {
      if (access === 'read' && path.endsWith('.jsonl')) count++;
      return systemFiles.open(path, access, mode);
    },
  };
  return { files, segmentsRead: () => count };
}

/** Changes one byte in the middle of the first segment, and sets its time back. */
function forge(home: string): void {
  const path = join(home, 'chain/000001.jsonl');
  const { atime, mtime, mode } = fs.statSync(path);
  fs.chmodSync(path, 0o600);
  const bytes = fs.readFileSync(path);
  const at = bytes.indexOf('"note"');
  bytes[at + 1] = 'm'.charCodeAt(0);
  fs.writeFileSync(path, bytes);
  fs.chmodSync(path, mode);
  fs.utimesSync(path, atime, mtime);
}

describe('L17.5 a chain at rest is opened without reading it', () => {
  it('reads no segment, goes on where it was left, and verifies', async () => {
    const home = newHome();
    await atRest(home);
    const { files, segmentsRead } = counting();
    const chain = await openChain(home, { files });
    const { seq } = await chain.append(note());
    await chain.close();
    expect(segmentsRead()).toBe(0);
    expect(await verifyChain(home)).toMatchObject({ ok: true, records: seq, unsignedTail: 0, warnings: [] });
  });

  it('over several segments, whose opening records it makes itself', async () => {
    const home = newHome();
    for (let n = 0; n < 4; n++) await atRest(home, 7, 3_000);
    expect(fs.existsSync(join(home, 'chain/000003.jsonl'))).toBe(true);
    expect(await verifyChain(home)).toMatchObject({ ok: true, unsignedTail: 0 });
  });

  it('L5.2 knows the records of before when one is named, and refuses an id that is taken', async () => {
    const home = newHome();
    const [first] = await atRest(home);
    const chain = await openChain(home);
    expect((await chain.append(note({ parent: first!.id }))).parent).toBe(first!.id);
    await expect(chain.append(note({ id: first!.id }))).rejects.toMatchObject({ code: 'CHAIN_SCHEMA' });
    const unknown = 'action-00000000-0000-7000-8000-000000000000';
    await expect(chain.append(note({ parent: unknown }))).rejects.toMatchObject({ code: 'CHAIN_PARENT' });
    await chain.close();
  });

  it('takes in what another process appends after the opening', async () => {
    const home = newHome();
    await atRest(home);
    const [one, other] = [await openChain(home), await openChain(home)];
    const { id } = await other.append(note());
    await one.append(note({ parent: id }));
    await other.append(note());
    await one.close();
    await other.close();
    expect(await verifyChain(home)).toMatchObject({ ok: true, unsignedTail: 0 });
  });
});

describe('L14.2 what was changed is read, and found', () => {
  it.each([
    ['in the only segment', undefined],
    ['in a segment that was left', 3_000],
  ])('one byte %s, with its time set back', async (_, segmentBytesMax) => {
    const home = newHome();
    for (let n = 0; n < 2; n++) await atRest(home, 9, segmentBytesMax);
    forge(home);
    await expect(openChain(home)).rejects.toMatchObject({ code: 'CHAIN_BROKEN', details: { reason: 'hash' } });
  });

  it('L14.1 a torn tail behind the head', async () => {
    const home = newHome();
    await atRest(home);
    fs.appendFileSync(join(home, 'chain/000001.jsonl'), '{"hash');
    const chain = await openChain(home);
    await chain.append(note());
    await chain.close();
    expect(chain.reader.query({ kind: 'ChainRecovered' })).toHaveLength(1);
  });

  it('a head of before', async () => {
    const home = newHome();
    await atRest(home);
    const old = fs.readFileSync(join(home, 'chain/head.json'));
    await atRest(home);
    fs.writeFileSync(join(home, 'chain/head.json'), old);
    const { files, segmentsRead } = counting();
    await (await openChain(home, { files })).close();
    expect(segmentsRead()).toBeGreaterThan(0);
  });

  test.each([
    ['no JSON', () => '{'],
    ['no state', (kept: Kept) => JSON.stringify({ ...kept, fold: {} })],
    ['another boot', (kept: Kept) => JSON.stringify({ ...kept, boot: 'x' })],
    ['other subtrees', (kept: Kept) => withFold(kept, { peaks: kept.fold.peaks.map(() => 'b'.repeat(64)) })],
    ['fewer subtrees', (kept: Kept) => withFold(kept, { peaks: [] })],
    ['another last record', (kept: Kept) => withFold(kept, { last: 'b'.repeat(64) })],
    ['another key', (kept: Kept) => withFold(kept, { publicKey: Buffer.alloc(32).toString('base64') })],
    ['another size', (kept: Kept) => withFold(kept, { seq: kept.fold.seq - 1 })],
  ])('what was kept is not believed: %s', async (_, changed) => {
    const home = newHome();
    await atRest(home);
    const path = restPath(join(home, 'chain'));
    fs.writeFileSync(path, changed(JSON.parse(fs.readFileSync(path, 'utf8')) as Kept));
    const { files, segmentsRead } = counting();
    const chain = await openChain(home, { files });
    expect(segmentsRead()).toBeGreaterThan(0);
    await chain.append(note());
    await chain.close();
    expect(await verifyChain(home)).toMatchObject({ ok: true, foreign: [] });
  });

  it('a copied home is read once more, for its files are others', async () => {
    const home = newHome(),
      copy = newHome();
    await atRest(home);
    fs.cpSync(home, copy, { recursive: true, mode: fs.constants.COPYFILE_FICLONE });
    const { files, segmentsRead } = counting();
    await (await openChain(copy, { files })).close();
    expect(segmentsRead()).toBeGreaterThan(0);
  });
});

interface Kept {
  readonly fold: { readonly seq: number; readonly peaks: readonly string[] };
}
function withFold(kept: Kept, changes: object): string {
  return JSON.stringify({ ...kept, fold: { ...kept.fold, ...changes } });
}
