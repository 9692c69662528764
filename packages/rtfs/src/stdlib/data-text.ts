/** Texts that hold data: JSON (R14.14–R14.16), and RTFS itself. */
import { formToValue } from '../reader/data.ts';
import { read } from '../reader/read.ts';
import { dataMap, fail, failAs, invalid, typeError } from '../values/fail.ts';
import { parseJson, serializeJson } from '../values/json-text.ts';
import { Keyword } from '../values/kinds.ts';
import type { Value } from '../values/kinds.ts';
import { PMap } from '../values/map.ts';
import { chargedText, chargeText } from './args.ts';
import { define } from './define.ts';
import type { Entry } from './define.ts';
import type { Rt } from './native.ts';

function wantsKeywords(options: Value | undefined): boolean {
  if (options === undefined || options === null) return false;
  if (!(options instanceof PMap)) typeError('parse-json', 'map', options);
  let keywords = false;
  for (const [key, value] of options.entries()) {
    if (key !== Keyword.of('keywords')) invalid('parse-json', 'unknown option', 'the option is :keywords');
    keywords = value !== null && value !== false;
  }
  return keywords;
}

function parse(rt: Rt, source: Value, options: Value | undefined): Value {
  const keywords = wantsKeywords(options);
  return parseJson(chargedText(rt, 'parse-json', source), { keywords }, rt.limits.dataDepth);
}

function serialize(pretty: boolean): (rt: Rt, v: Value) => Value {
  return (rt, v) => {
    const result = serializeJson(v, pretty, rt.limits);
    chargeText(rt, result);
    return result;
  };
}

/** One form as data. Throws ParseError with the first finding, or for a text that holds none or several. */
function readString(rt: Rt, source: Value): Value {
  const { forms, diagnostics } = read(chargedText(rt, 'read-string', source), { limits: rt.limits });
  const found = diagnostics.find((d) => d.severity === 'error');
  if (found !== undefined) failAs(found.kind, found.message, dataMap([['code', found.code]]), found.hint);
  const [form] = forms;
  if (form === undefined || forms.length > 1) {
    fail('ParseError', `Parse error: expected one form, found ${forms.length}`, dataMap([['code', 'OneForm']]));
  }
  return formToValue(form);
}

/** JSON and `read-string`. */
export const DATA_TEXT: readonly Entry[] = [
  define('parse-json tool/parse-json', '[:string] :data [:string :map?] :data', parse),
  define('serialize-json tool/serialize-json', '[:any] :string', serialize(false)),
  define('serialize-json-pretty', '[:any] :string', serialize(true)),
  define('read-string', '[:string] :data', readString),
];
