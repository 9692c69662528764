/**
 * The reference of the language, as `ccos doc` and `:doc` show it. It is written once, in `docs/reference/`: a page a topic, a
 * heading of the third level an entry with all its names, one paragraph, examples `expression ⇒ value`. The build copies the
 * pages beside the command line; a test holds them to the language's own tables and runs every example.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFolder } from '../foundation/bundle-path.ts';

/** The pages, in the order in which they are listed. */
export const PAGES = ['forms', 'effects', 'logic', 'numbers', 'text', 'collections'] as const;

/** One form or function. */
export interface ReferenceEntry {
  /** Its name, and the others that mean the same. */
  readonly names: readonly string[];
  /** The title of its page, and of the part of the page. */
  readonly topic: string;
  readonly part: string;
  /** How it is written and what it does; Markdown on one line. */
  readonly text: string;
  /** Lines `expression ⇒ value`. */
  readonly examples: readonly string[];
}

/** Reads the entries of a page. */
export function readPage(markdown: string): readonly ReferenceEntry[] {
  const entries: ReferenceEntry[] = [];
  let topic = '',
    part = '';
  for (const block of markdown.split(/^(?=#{1,3} )/m)) {
    const [, level = '', title = '', body = ''] = /^(#{1,3}) (.*)\n([^]*)$/.exec(block) ?? [];
    if (level === '#') topic = title;
    else if (level === '##') part = title;
    else if (level === '###') entries.push({ names: title.split(', '), topic, part, ...contents(body) });
  }
  return entries;
}

function contents(body: string): Pick<ReferenceEntry, 'text' | 'examples'> {
  const lines = body.split('\n');
  const isExample = (line: string): boolean => line.startsWith('    ');
  return {
    text: lines
      .filter((line) => line !== '' && !isExample(line))
      .join(' ')
      .trim(),
    examples: lines.filter(isExample).map((line) => line.trim()),
  };
}

/** Every entry, in the order of the pages. */
export function readReference(): readonly ReferenceEntry[] {
  return PAGES.flatMap((page) => readPage(readDocument(`reference/${page}.md`)));
}

/** The page that teaches a model to write plans. */
export function readPrompt(): string {
  return readDocument('prompt.md');
}

function readDocument(path: string): string {
  return readFileSync(join(bundleFolder(), 'docs', path), 'utf8');
}
