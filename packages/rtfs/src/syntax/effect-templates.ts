/**
 * The effect functions of R11.8: parameters and body in RTFS, as after `fn`. Names with `%` are runtime operations. The value of
 * a template is the function's value; wrong kinds of arguments are TypeErrors before the host is asked.
 */
/** An effect function: its signature, in the words of the library's (`stdlib/signature.ts`), and its parameters and body. */
export interface EffectTemplate {
  readonly signature: string;
  readonly text: string;
}

function effect(signature: string, text: string): EffectTemplate {
  return { signature, text };
}

const println = effect('[& :any] :nil', '[& xs] (do (call :ccos.io.println (%words xs)) nil)');
const log = effect(
  '[:any & :any] :nil',
  '[x & xs] (do (call :ccos.io.log {:level :info :message (%words (cons x xs))}) nil)',
);
const sleep = effect('[:int] :nil', '[ms] (do (call :ccos.system.sleep (%need-count "sleep" ms)) nil)');
const random = effect(
  '[] :float [:number] :float',
  '([] (call :ccos.system.random)) ([n] (* (%need-number "random" n) (call :ccos.system.random)))',
);
const time = effect('[] :int', '[] (call :ccos.system.current-timestamp-ms)');
const uuid = effect('[] :string', '[] (call :ccos.system.uuid)');
const readFile = effect('[:string] :string', '[path] (call :ccos.io.read-file (%need-string "read-file" path))');
const writeFile = effect(
  '[:string :string] :nil',
  '[path text] (do (call :ccos.io.write-file (%need-string "write-file" path) (%need-string "write-file" text)) nil)',
);
const fetch = effect(
  '[:any] :any [:any :any] :any',
  '([url] (call :ccos.network.http-fetch url)) ([url options] (call :ccos.network.http-fetch url options))',
);

function http(method: string): EffectTemplate {
  const name = `"http/${method.toLowerCase()}"`;
  return effect(
    '[:string] :map [:string :map?] :map',
    `([url] (call :ccos.network.http-fetch {:method "${method}" :url (%need-string ${name} url)}))
    ([url options] (call :ccos.network.http-fetch (merge {:method "${method}" :url (%need-string ${name} url)} options)))`,
  );
}

/** Name → signature, parameters and body. */
export const EFFECT_TEMPLATES: Readonly<Record<string, EffectTemplate>> = {
  println,
  print: effect('[& :any] :nil', '[& xs] (do (call :ccos.io.print (%words xs)) nil)'),
  log,
  'tool/log': log,
  'log-step': effect('[& :any] :nil', '[& xs] (do (call :ccos.io.log (%log-line xs)) nil)'),
  'current-time-millis': time,
  'tool/time-ms': time,
  'now-ms': time,
  'current-time': effect('[] :string', '[] (call :ccos.system.current-time)'),
  sleep,
  'thread/sleep': sleep,
  random,
  rand: random,
  'rand-int': effect('[:int] :int', '[n] (call :ccos.system.random-int (%need-int "rand-int" n))'),
  'rand-nth': effect(
    '[:Coll] :any',
    '[xs] (if (empty? xs) nil (let [v (vec xs)] (nth v (call :ccos.system.random-int (count v)))))',
  ),
  shuffle: effect('[:Coll] :vector', '[xs] (%shuffled xs (call :ccos.system.random-int 9007199254740992))'),
  uuid,
  'generate-uuid': uuid,
  'random-uuid': uuid,
  'get-env': effect('[:string] :string?', '[name] (call :ccos.system.get-env (%need-string "get-env" name))'),
  'read-file': readFile,
  slurp: readFile,
  'tool/open-file': readFile,
  'read-lines': effect(
    '[:string] [:vector :string]',
    '[path] (split-lines (call :ccos.io.read-file (%need-string "read-lines" path)))',
  ),
  'write-file': writeFile,
  spit: writeFile,
  'append-file': effect(
    '[:string :string] :nil',
    '[path text] (do (call :ccos.io.append-file (%need-string "append-file" path) (%need-string "append-file" text)) nil)',
  ),
  'file-exists?': effect('[:string] :bool', '[path] (call :ccos.io.file-exists (%need-string "file-exists?" path))'),
  'list-dir': effect('[:string] :vector', '[path] (call :ccos.io.list-dir (%need-string "list-dir" path))'),
  'http-fetch': fetch,
  'tool/http-fetch': fetch,
  'http/get': http('GET'),
  'http/post': http('POST'),
  'db/query': effect(
    '[:any] :any [:any :any] :any [:any :any :any] :any',
    '([sql] (call :ccos.db.query sql)) ([sql a] (call :ccos.db.query sql a)) ([sql a b] (call :ccos.db.query sql a b))',
  ),
  'kv/get': effect('[:any] :any', '[k] (call :ccos.state.kv.get k)'),
  'kv/put': effect('[:any :any] :any', '[k v] (call :ccos.state.kv.put k v)'),
  'ask-human': effect(
    '[:string] :string [:string :any] :string',
    '([prompt] (call :ccos.user.ask (%need-string "ask-human" prompt))) ([prompt options] (call :ccos.user.ask (%need-string "ask-human" prompt) options))',
  ),
  'discover-agents': effect(
    '[:any] :any [:any :any] :any',
    '([c] (call :ccos.agent.discover-agents c)) ([c options] (call :ccos.agent.discover-agents c options))',
  ),
  'llm-execute': effect('[& :any] :string', '[& xs] (call :ccos.ai.llm-execute (%llm-request xs))'),
};
