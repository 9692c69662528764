/** The grammar, run by the engine that VS Code runs it with. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import oniguruma from 'vscode-oniguruma';
import textmate, { type IGrammar } from 'vscode-textmate';
import { read } from '../packages/rtfs/src/reader/read.ts';
import { grammarJson, grammarPlist } from './grammar.ts';
import { root } from './results.ts';

let grammar: IGrammar;
beforeAll(async () => {
  const wasm = createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm');
  await oniguruma.loadWASM(readFileSync(wasm));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: () => Promise.resolve(textmate.parseRawGrammar(grammarJson(), 'rtfs.json')),
  });
  grammar = (await registry.loadGrammar('source.rtfs')) as IGrammar;
});

/** The parts of a text as `text → innermost scope`, white space and brackets aside; neighbours of one scope are one part. */
function scopes(text: string): string[] {
  const found: string[] = [];
  let state = textmate.INITIAL;
  for (const line of text.split('\n')) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    const parts: { text: string; scope: string }[] = [];
    for (const { startIndex, endIndex, scopes: all } of tokens) {
      const scope = (all.at(-1) as string).replace(/\.rtfs$/, '');
      const last = parts.at(-1);
      if (last?.scope === scope) last.text += line.slice(startIndex, endIndex);
      else parts.push({ text: line.slice(startIndex, endIndex), scope });
    }
    for (const { text: part, scope } of parts) {
      if (part.trim() !== '' && !scope.startsWith('punctuation.section')) found.push(`${part.trim()} → ${scope}`);
    }
  }
  return found;
}

describe('the colours of', () => {
  test.each([
    [
      'strings and their escapes',
      '"a\\n\\q" "x\n;y"',
      [
        '"a → string.quoted.double',
        '\\n → constant.character.escape',
        '\\q → invalid.illegal.escape',
        '" → string.quoted.double',
        '"x → string.quoted.double',
        ';y" → string.quoted.double',
      ],
    ],
    [
      'regular expressions',
      '#"\\d\\"[/]x"',
      [
        '#" → string.regexp',
        '\\d\\" → constant.character.escape.regexp',
        '[/] → constant.other.character-class.regexp',
        'x" → string.regexp',
      ],
    ],
    [
      'line comments',
      '1 ; "not a string',
      ['1 → constant.numeric.integer', '; "not a string → comment.line.semicolon'],
    ],
    [
      'nested comments',
      '#| a #| "b |# c\n d |# 1',
      ['#| a #| "b |# c → comment.block', 'd |# → comment.block', '1 → constant.numeric.integer'],
    ],
    [
      'discarded forms',
      '#_(f "x)" [1]) 1 #_ x 2 #_:k',
      [
        '#_(f → comment.block.discard',
        '"x)" → string.quoted.double',
        '[1]) → comment.block.discard',
        '1 → constant.numeric.integer',
        '#_ x → comment.block.discard',
        '2 → constant.numeric.integer',
        '#_:k → comment.block.discard',
      ],
    ],
    [
      'keywords',
      ':a/b [:k] {:com.acme:v1.0/x 1}',
      [
        ':a/b → constant.other.keyword',
        ':k → constant.other.keyword',
        ':com.acme:v1.0/x → constant.other.keyword',
        '1 → constant.numeric.integer',
      ],
    ],
    [
      'numbers',
      '7 -7 0xFF 1.5e-9 1e3 ##-Inf 12ab x1',
      [
        '7 → constant.numeric.integer',
        '-7 → constant.numeric.integer',
        '0xFF → constant.numeric.hex',
        '1.5e-9 → constant.numeric.float',
        '1e3 → constant.numeric.float',
        '##-Inf → constant.numeric.float',
        '12ab → invalid.illegal.number',
        'x1 → variable.other',
      ],
    ],
    [
      'other literals',
      'nil true trueish 2024-05-01T10:20:30Z resource://a:1/b 123e4567-e89b-12d3-a456-426614174000',
      [
        'nil → constant.language',
        'true → constant.language',
        'trueish → variable.other',
        '2024-05-01T10:20:30Z → constant.other.timestamp',
        'resource://a:1/b → string.unquoted.resource',
        '123e4567-e89b-12d3-a456-426614174000 → constant.other.uuid',
      ],
    ],
    [
      'annotations',
      '[x:int y: string? z : Age w:[:vector int] {:keys [a]}:T]',
      [
        'x → variable.other',
        ': → punctuation.separator.annotation',
        'int → storage.type.annotation',
        'y → variable.other',
        ': → punctuation.separator.annotation',
        'string? → storage.type.annotation',
        'z → variable.other',
        ': → punctuation.separator.annotation',
        'Age → storage.type.annotation',
        'w → variable.other',
        ': → punctuation.separator.annotation',
        ':vector → constant.other.keyword',
        'int → support.function',
        ':keys → constant.other.keyword',
        'a → variable.other',
        ': → punctuation.separator.annotation',
        'T → storage.type.annotation',
      ],
    ],
    [
      'definitions',
      '(defn total [xs] xs) (def k 1) (deftype Age int) (defmacro ^{:a 1} m [])',
      [
        'defn → storage.type',
        'total → entity.name.function',
        'xs → variable.other',
        'xs → variable.other',
        'def → storage.type',
        'k → variable.other.definition',
        '1 → constant.numeric.integer',
        'deftype → storage.type',
        'Age → entity.name.type',
        'int → support.function',
        'defmacro → storage.type',
        '^ → keyword.operator.prefix',
        ':a → constant.other.keyword',
        '1 → constant.numeric.integer',
        'm → entity.name.function',
      ],
    ],
    [
      'calls',
      '(let [f map] (call :a.b) (println 1) (reduce f 0) (f 1) (map-it) (lettuce))',
      [
        'let → keyword.control',
        'f → variable.other',
        'map → support.function',
        'call → keyword.control',
        ':a.b → constant.other.keyword',
        'println → support.function.effect',
        '1 → constant.numeric.integer',
        'reduce → support.function',
        'f → variable.other',
        '0 → constant.numeric.integer',
        'f → entity.name.function.call',
        '1 → constant.numeric.integer',
        'map-it → entity.name.function.call',
        'lettuce → entity.name.function.call',
      ],
    ],
    [
      'templates and short functions',
      "`(a ~b ~@c x#) '(d) @e #(+ %1 %&) [& r]",
      [
        '` → keyword.operator.prefix',
        'a → entity.name.function.call',
        '~ → keyword.operator.prefix',
        'b → variable.other',
        '~@ → keyword.operator.prefix',
        'c → variable.other',
        'x# → variable.other',
        "' → keyword.operator.prefix",
        'd → entity.name.function.call',
        '@ → keyword.operator.prefix',
        'e → variable.other',
        '+ → support.function',
        '%1 → variable.parameter.shorthand',
        '%& → variable.parameter.shorthand',
        '& → keyword.operator.rest',
        'r → variable.other',
      ],
    ],
    [
      'the first line',
      '#!/usr/bin/env ccos\n1',
      ['#!/usr/bin/env ccos → comment.line.shebang', '1 → constant.numeric.integer'],
    ],
  ])('%s', (_, text, expected) => expect(scopes(text)).toEqual(expected));

  test('a whole plan: every string, number and keyword that the reader finds, and no illegal token', () => {
    const text = readFileSync(join(root, 'examples/weather/plan.rtfs'), 'utf8');
    const found = scopes(text);
    expect(found.filter((token) => token.includes('invalid'))).toEqual([]);
    const count = (scope: string): number => found.filter((token) => token.endsWith(` → ${scope}`)).length;
    const literals = { keyword: 0, integer: 0 };
    const visit = (form: ReturnType<typeof read>['forms'][number]): void => {
      if (form.t === 'literal') {
        const source = text.slice(form.span.start, form.span.end);
        if (source.startsWith(':')) literals.keyword++;
        else if (/^-?\d+$/.test(source)) literals.integer++;
      } else if ('items' in form) form.items.forEach(visit);
    };
    read(text).forms.forEach(visit);
    // `[x:int] :int` is an annotation to the eye, too, only where the colon is glued: the spaced one is a keyword.
    expect(count('constant.other.keyword')).toBe(literals.keyword);
    expect(count('constant.numeric.integer')).toBe(literals.integer);
    expect(literals.keyword).toBeGreaterThan(50);
  });
});

test('the files of the editors are what the tables say', () => {
  const file = (name: string): string => readFileSync(join(root, 'packages/rtfs/editors', name), 'utf8');
  expect(file('rtfs.tmLanguage.json')).toBe(grammarJson());
  expect(file('rtfs.tmLanguage')).toBe(grammarPlist());
  expect(textmate.parseRawGrammar(grammarPlist(), 'rtfs.tmLanguage').scopeName).toBe('source.rtfs');
  const { contributes } = JSON.parse(file('package.json')) as {
    contributes: { grammars: { path: string }[]; languages: { configuration: string }[] };
  };
  JSON.parse(file(contributes.languages[0]?.configuration ?? ''));
  JSON.parse(file(contributes.grammars[0]?.path ?? ''));
});
