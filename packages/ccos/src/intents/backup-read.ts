/** Reading a backup (I8.6, I8.7): what it holds, and everything that is wrong with it; nothing is applied. */
import type { ChainPosition } from '../causal-chain/follow.ts';
import { count, hash, matching, nullable, object, pointerOf, text, type Shape } from '../causal-chain/shape.ts';
import { canonicalText, type Parsed } from '../foundation/canonical-json.ts';
import { sha256 } from '../foundation/digest.ts';
import { asCcosError, CcosError } from '../foundation/errors.ts';
import { parseStrictJson } from '../foundation/strict-json.ts';
import type { Edge, GraphBody, StorableIntent } from '../model/intent.ts';
import { BACKUP_VERSION, signedText } from './backup-text.ts';
import { graphHash } from './canonical.ts';
import { edgeFindings, type BackupFinding } from './graph-check.ts';
import { IntentGraph } from './graph.ts';
import { checkedEdge, wholeIntent } from './shape.ts';
import { graphFromSnapshot, snapshotText } from './snapshot-text.ts';

/** The key that this home signs with. */
export interface BackupVerifier {
  readonly id: string;
  verifies(data: string, signature: string): boolean;
}

/** What came of looking at a backup. `graph` is null where nothing can be made of it. */
export interface BackupReport {
  readonly ok: boolean;
  readonly version: string | null;
  readonly timestamp: number | null;
  readonly counts: { readonly intents: number; readonly edges: number };
  /** The hash of the graph (I8.1). */
  readonly canonical: string | null;
  readonly signed: 'verified' | 'unchecked' | 'no';
  readonly findings: readonly BackupFinding[];
  /** How many findings there are beyond those that are told. */
  readonly more: number;
  readonly notes: readonly string[];
  readonly chain: ({ readonly chain: string } & ChainPosition) | null;
  readonly graph: GraphBody | null;
}

/** Versions that are read (I8.7). */
const VERSIONS: readonly unknown[] = ['1.0', BACKUP_VERSION];
/** A snapshot that another program laid out may be so much longer than our own. */
const FOREIGN_GROWTH_MAX = 4;
const FOREIGN_ROOM = 65_536;
/** Findings that are told; a hostile file has as many as it likes. */
const FINDINGS_MAX = 50;

const integrityShape: Shape = object({
  alg: matching('sha256', /^sha256$/),
  canonical: hash,
  rtfs: hash,
  counts: object({ intents: count, edges: count }),
  'chain?': object({ chain: text, seq: count, hash }),
  'key?': text,
  'sig?': text,
});
interface Integrity {
  readonly canonical: string;
  readonly rtfs: string;
  readonly counts: { readonly intents: number; readonly edges: number };
  readonly chain?: { readonly chain: string } & ChainPosition;
  readonly key?: string;
  readonly sig?: string;
}
const manifestShape: Shape = object({ created_by: text, source: nullable(text), note: text });

type Members = Readonly<Record<string, Parsed | undefined>>;

/** Looks at the bytes of a backup. Never throws for what they hold (I8.6). */
export function readBackup(bytes: Uint8Array, key: BackupVerifier | null): BackupReport {
  return new BackupReading(key).read(bytes);
}

/** The report of a file that is not even looked into. */
export function unreadableBackup(why: string): BackupReport {
  return new BackupReading(null).unreadable(why);
}

class BackupReading {
  readonly #key: BackupVerifier | null;
  readonly #findings: BackupFinding[] = [];
  readonly #notes: string[] = [];
  #more = 0;
  #signed: BackupReport['signed'] = 'no';

  constructor(key: BackupVerifier | null) {
    this.#key = key;
  }

  read(bytes: Uint8Array): BackupReport {
    let document: Members | null = null;
    try {
      const parsed = parseStrictJson(bytes);
      if (isObject(parsed)) document = parsed;
      else this.#find('unreadable', 'it is no JSON object');
    } catch (error) {
      this.#find('unreadable', asCcosError(error).message);
    }
    if (document === null) return this.#report(null, null, null);
    const { version } = document;
    if (!VERSIONS.includes(version)) {
      this.#find(
        'version',
        `the version ${JSON.stringify(version ?? null)} is not read here, only ${VERSIONS.join(' and ')}`,
      );
      return this.#report(document, null, null);
    }
    const graph = this.#graph(document);
    const integrity = this.#integrity(document);
    if (graph !== null) {
      for (const finding of edgeFindings(graph)) this.#find(finding.code, finding.message);
      if (integrity !== null) this.#verify(document, integrity);
      this.#snapshot(document, graph, integrity);
    }
    return this.#report(document, graph, integrity);
  }

  unreadable(why: string): BackupReport {
    this.#find('unreadable', why);
    return this.#report(null, null, null);
  }

  #find(code: BackupFinding['code'], message: string): void {
    if (this.#findings.length < FINDINGS_MAX) this.#findings.push({ code, message: message.slice(0, 400) });
    else this.#more++;
  }

  /** The intents and edges, checked one by one; null where one of them is none. */
  #graph(document: Members): GraphBody | null {
    const { intents, edges, timestamp, manifest } = document;
    if (count(timestamp) !== null) this.#find('shape', '/timestamp must be Unix seconds');
    const fault = manifest === undefined ? null : manifestShape(manifest);
    if (fault !== null) this.#find('shape', `/manifest${pointerOf(fault)} must be ${fault.expected}`);
    if (!isObject(intents)) this.#find('shape', '/intents must be an object');
    if (!Array.isArray(edges)) this.#find('shape', '/edges must be an array');
    if (!isObject(intents) || !Array.isArray(edges)) return null;
    const seconds = typeof timestamp === 'number' ? timestamp : 0;
    const read = Object.entries(intents).flatMap(([id, given]) => {
      const intent = this.#attempt('intent', `/intents/${id}`, () =>
        wholeIntent(given, { id: () => id, now: seconds }),
      );
      if (intent === null) return [];
      if (intent.intent_id !== id) this.#find('key', `/intents/${id} holds the intent ${intent.intent_id}`);
      return [[id, intent] as const];
    });
    const checked = edges.flatMap((given, at): Edge[] => {
      const edge = this.#attempt('edge', `/edges/${at}`, () => checkedEdge(given));
      return edge === null ? [] : [edge];
    });
    const whole = read.length === Object.keys(intents).length && checked.length === edges.length;
    const keyed = read.every(([id, intent]) => intent.intent_id === id);
    return whole && keyed ? { intents: Object.fromEntries<StorableIntent>(read), edges: checked } : null;
  }

  #attempt<T>(code: BackupFinding['code'], pointer: string, work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof CcosError)) throw error;
      this.#find(code, `${pointer}: ${error.message}`);
      return null;
    }
  }

  #integrity(document: Members): Integrity | null {
    const { integrity } = document;
    if (integrity === undefined) {
      this.#notes.push('it has no integrity: whether it was changed cannot be told');
      return null;
    }
    const known = isObject(integrity) ? knownMembers(integrity) : integrity;
    const fault = integrityShape(known);
    if (fault === null) return known as unknown as Integrity;
    this.#find('digest', `/integrity${pointerOf(fault)} must be ${fault.expected}`);
    return null;
  }

  /** The digest is that of what stands in the file, whatever its reader makes of it. */
  #verify({ intents, edges }: Members, { canonical, counts, key, sig }: Integrity): void {
    const graph = { intents, edges } as unknown as GraphBody;
    const found = graphHash(graph);
    if (found !== canonical) this.#find('digest', `integrity.canonical says ${canonical}, the graph is ${found}`);
    const real = { intents: Object.keys(graph.intents).length, edges: graph.edges.length };
    if (canonicalText(counts) !== canonicalText(real))
      this.#find('counts', `integrity.counts says ${canonicalText(counts)}, there are ${canonicalText(real)}`);
    if (key === undefined && sig === undefined) this.#notes.push('it is not signed');
    else if (key === undefined || sig === undefined)
      this.#find('signature', 'integrity.key and integrity.sig belong together');
    else if (this.#key === null || this.#key.id !== key) {
      this.#signed = 'unchecked';
      this.#notes.push(
        `it is signed by ${key}, which is not the key of this state folder: the signature was not checked`,
      );
    } else if (this.#key.verifies(signedText(canonical), sig)) this.#signed = 'verified';
    else this.#find('signature', `the signature is not that of ${key}`);
  }

  #snapshot({ rtfs }: Members, graph: GraphBody, integrity: Integrity | null): void {
    if (rtfs === undefined) {
      if (integrity !== null) this.#find('snapshot', 'integrity.rtfs names a snapshot that is not there');
      return;
    }
    if (typeof rtfs !== 'string') return this.#find('snapshot', '/rtfs must be a string');
    if (integrity !== null && sha256(rtfs) !== integrity.rtfs)
      this.#find('snapshot', `integrity.rtfs says ${integrity.rtfs}, the snapshot is ${sha256(rtfs)}`);
    // What this program writes of a graph is one text: only another one has to be read.
    const own = IntentGraph.from(graph);
    const expected = snapshotText(own.intents(), own.edges());
    if (rtfs === expected) return;
    if (rtfs.length > expected.length * FOREIGN_GROWTH_MAX + FOREIGN_ROOM)
      return this.#find('snapshot', 'the snapshot is much longer than the JSON part needs');
    const said = this.#attempt('snapshot', '/rtfs', () => graphFromSnapshot(rtfs));
    const agrees = said === null || this.#attempt('snapshot', '/rtfs', () => graphHash(said) === graphHash(own.body()));
    if (agrees === false) this.#find('snapshot', 'the snapshot says another graph than the JSON part');
  }

  #report(document: Members | null, graph: GraphBody | null, integrity: Integrity | null): BackupReport {
    const { version, timestamp, intents, edges } = document ?? {};
    return {
      ok: this.#findings.length === 0,
      version: typeof version === 'string' ? version : null,
      timestamp: typeof timestamp === 'number' ? timestamp : null,
      counts: {
        intents: isObject(intents) ? Object.keys(intents).length : 0,
        edges: Array.isArray(edges) ? edges.length : 0,
      },
      canonical: graph === null ? null : graphHash(graph),
      signed: this.#signed,
      findings: this.#findings,
      more: this.#more,
      notes: this.#notes,
      chain: integrity?.chain ?? null,
      graph,
    };
  }
}

const INTEGRITY_MEMBERS = new Set(['alg', 'canonical', 'rtfs', 'counts', 'chain', 'key', 'sig']);

/** Members that later versions may add are passed over. */
function knownMembers(integrity: Members): Members {
  return Object.fromEntries(Object.entries(integrity).filter(([name]) => INTEGRITY_MEMBERS.has(name)));
}

function isObject(value: Parsed | undefined): value is { [key: string]: Parsed } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error that refuses a backup, or null for a sound one. `BACKUP_VERSION`, `BACKUP_INTEGRITY` with all findings (I8.7). */
export function backupRefusal(path: string, report: BackupReport): CcosError | null {
  const [first] = report.findings;
  if (first === undefined) return null;
  const details = { path, findings: report.findings, more: report.more };
  if (first.code === 'version')
    return new CcosError('BACKUP_VERSION', `Cannot read the backup ${path}: ${first.message}`, {
      details,
      hint: 'take the backup with this version of CCOS',
    });
  return new CcosError('BACKUP_INTEGRITY', `Cannot trust the backup ${path}: ${first.message}`, {
    details,
    hint: 'restore another backup; ccos intent restore FILE --check tells everything that is wrong with this one',
  });
}
