/**
 * The effect functions of R11.8: parameters and body in RTFS, as after `fn`. Names with `%` are runtime operations. The value of
 * a template is the function's value; wrong kinds of arguments are TypeErrors before the host is asked.
 */
const println = '[& xs] (do (call :ccos.io.println (%words xs)) nil)';
const log = '[x & xs] (do (call :ccos.io.log {:level :info :message (%words (cons x xs))}) nil)';
const sleep = '[ms] (do (call :ccos.system.sleep (%need-count "sleep" ms)) nil)';
const random = '([] (call :ccos.system.random)) ([n] (* (%need-number "random" n) (call :ccos.system.random)))';
const time = '[] (call :ccos.system.current-timestamp-ms)';
const uuid = '[] (call :ccos.system.uuid)';
const readFile = '[path] (call :ccos.io.read-file (%need-string "read-file" path))';
const writeFile =
  '[path text] (do (call :ccos.io.write-file (%need-string "write-file" path) (%need-string "write-file" text)) nil)';
const fetch = '([url] (call :ccos.network.http-fetch url)) ([url options] (call :ccos.network.http-fetch url options))';

function http(method: string): string {
  const name = `"http/${method.toLowerCase()}"`;
  return `([url] (call :ccos.network.http-fetch {:method "${method}" :url (%need-string ${name} url)}))
    ([url options] (call :ccos.network.http-fetch (merge {:method "${method}" :url (%need-string ${name} url)} options)))`;
}

/** Name → parameters and body. */
export const EFFECT_TEMPLATES: Readonly<Record<string, string>> = {
  println,
  print: '[& xs] (do (call :ccos.io.print (%words xs)) nil)',
  log,
  'tool/log': log,
  'log-step': '[& xs] (do (call :ccos.io.log (%log-line xs)) nil)',
  'current-time-millis': time,
  'tool/time-ms': time,
  'now-ms': time,
  'current-time': '[] (call :ccos.system.current-time)',
  sleep,
  'thread/sleep': sleep,
  random,
  rand: random,
  'rand-int': '[n] (call :ccos.system.random-int (%need-int "rand-int" n))',
  'rand-nth': '[xs] (if (empty? xs) nil (let [v (vec xs)] (nth v (call :ccos.system.random-int (count v)))))',
  shuffle: '[xs] (%shuffled xs (call :ccos.system.random-int 9007199254740992))',
  uuid,
  'generate-uuid': uuid,
  'random-uuid': uuid,
  'get-env': '[name] (call :ccos.system.get-env (%need-string "get-env" name))',
  'read-file': readFile,
  slurp: readFile,
  'tool/open-file': readFile,
  'read-lines': '[path] (split-lines (call :ccos.io.read-file (%need-string "read-lines" path)))',
  'write-file': writeFile,
  spit: writeFile,
  'append-file':
    '[path text] (do (call :ccos.io.append-file (%need-string "append-file" path) (%need-string "append-file" text)) nil)',
  'file-exists?': '[path] (call :ccos.io.file-exists (%need-string "file-exists?" path))',
  'list-dir': '[path] (call :ccos.io.list-dir (%need-string "list-dir" path))',
  'http-fetch': fetch,
  'tool/http-fetch': fetch,
  'http/get': http('GET'),
  'http/post': http('POST'),
  'db/query':
    '([sql] (call :ccos.db.query sql)) ([sql a] (call :ccos.db.query sql a)) ([sql a b] (call :ccos.db.query sql a b))',
  'kv/get': '[k] (call :ccos.state.kv.get k)',
  'kv/put': '[k v] (call :ccos.state.kv.put k v)',
  'ask-human':
    '([prompt] (call :ccos.user.ask (%need-string "ask-human" prompt))) ([prompt options] (call :ccos.user.ask (%need-string "ask-human" prompt) options))',
  'discover-agents':
    '([c] (call :ccos.agent.discover-agents c)) ([c options] (call :ccos.agent.discover-agents c options))',
  'llm-execute': '[& xs] (call :ccos.ai.llm-execute (%llm-request xs))',
};
