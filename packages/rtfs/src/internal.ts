/** What the package `ccos` needs beside the public entry; no promise to anyone else. */
export { formToValue, valueToForm } from './reader/data.ts';
export { excerptAt, renderDiagnostic } from './reader/render.ts';
export { clojureHint, similar } from './reader/similar.ts';
export { canonical } from './values/codec.ts';
export { typeName } from './values/kind-name.ts';
export { DEFAULT_LIMITS, LIMITS, resolveLimits } from './machine/limits.ts';
export { parseJson, serializeJson } from './values/json-text.ts';
export { isName, isSymbolName } from './values/names.ts';
export { add } from './values/numbers.ts';
export { printForPeople, printShort, str } from './values/print.ts';
export { isKnownType, parseType, parseTypeForm } from './types/parse.ts';
export { typeText } from './types/type.ts';
export type { Type, TypeEnvironment } from './types/type.ts';
export { satisfies, validate, violationMaps } from './types/validate.ts';
export type { Violation } from './types/validate.ts';
export { NATIVES } from './stdlib/natives.ts';
