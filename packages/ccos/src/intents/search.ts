/** Searching intents by their words (I6). */
import type { IntentStatus, StorableIntent } from '../model/intent.ts';
import { notFound } from './edge-checks.ts';
import { byText, type IntentGraph } from './graph.ts';

/** What a find is worth (I6.1). */
const WHOLE_QUERY = 1;
const WORD = 0.3;
const CONSTRAINT = 0.2;
const PREFERENCE = 0.1;
const STATUS_FACTORS: Readonly<Record<IntentStatus, number>> = {
  Executing: 1.3,
  Active: 1.2,
  Failed: 1.1,
  Completed: 1,
  Suspended: 0.8,
  Archived: 0.5,
};
const LIMIT = 50;
/** Intents less alike than this are not similar (I6.3). */
const SIMILAR_ABOVE = 0.1;

/** An intent and how well it fits. */
export interface Found {
  readonly intent: StorableIntent;
  readonly score: number;
}

/**
 * A text without regard to case: lower case of upper case takes together what Unicode's default case folding does (`ß` and `SS`,
 * all three sigmas, ligatures), and the dotless `ı` besides, which stands apart there.
 */
export function foldCase(text: string): string {
  const fold = (part: string): string => part.toUpperCase().toLowerCase().replaceAll('ς', 'σ');
  return text.split('ı').map(fold).join('ı');
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '');
}

/** The intents that a text finds, best first; equal ones by id (I6.2). */
export function searchIntents(graph: IntentGraph, text: string, limit: number = LIMIT): Found[] {
  const found = [...scores(graph, text)].map(([id, score]) => ({ intent: graph.get(id) as StorableIntent, score }));
  return best(found).slice(0, limit);
}

/** The score of each intent that a text finds, all of them above 0 (I6.1). */
export function scores(graph: IntentGraph, text: string): Map<string, number> {
  const query = foldCase(text.trim());
  const words = wordsOf(query);
  const found = new Map<string, number>();
  if (query === '') return found;
  for (const intent of graph.intents()) {
    const score = scoreOf(intent, query, words);
    if (score > 0) found.set(intent.intent_id, score);
  }
  return found;
}

function scoreOf(
  { goal, constraints, preferences, status }: StorableIntent,
  query: string,
  words: readonly string[],
): number {
  const folded = foldCase(goal);
  const goalWords = wordsOf(folded);
  const containing = (names: readonly string[]): number =>
    names.filter((name) => foldCase(name).includes(query)).length;
  const score =
    (folded.includes(query) ? WHOLE_QUERY : 0) +
    WORD * words.filter((word) => goalWords.some((goalWord) => goalWord.includes(word))).length +
    CONSTRAINT * containing(Object.keys(constraints)) +
    PREFERENCE * containing(Object.keys(preferences));
  return score * STATUS_FACTORS[status];
}

/** The intents whose goals share words with this one's, most alike first (I6.3). Throws `INTENT_NOT_FOUND`. */
export function similarIntents(graph: IntentGraph, id: string): Found[] {
  const intent = graph.get(id);
  if (intent === undefined) throw notFound(id);
  const own = new Set(wordsOf(intent.goal.toLowerCase()));
  const found = graph.intents().flatMap((other) => {
    if (other.intent_id === id) return [];
    const words = new Set(wordsOf(other.goal.toLowerCase()));
    const shared = [...words].filter((word) => own.has(word)).length;
    const score = shared / (own.size + words.size - shared || 1);
    return score > SIMILAR_ABOVE ? [{ intent: other, score }] : [];
  });
  return best(found);
}

function best(found: readonly Found[]): Found[] {
  return found.toSorted((a, b) => b.score - a.score || byText(a.intent.intent_id, b.intent.intent_id));
}
