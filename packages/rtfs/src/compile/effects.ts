/**
 * What leaves the machine: calls, context, checkpoints, steps and branches. They stand in generators only; a plain body never
 * holds one, since a function that does is a generator (decision 2).
 */
import type {
  CapabilityNode,
  CheckpointNode,
  ContextNode,
  ContextWriteNode,
  Node,
  ParallelNode,
  StepNode,
} from '../syntax/program.ts';
import { Body, RETURN } from './body.ts';
import type { Destination } from './body.ts';

/** Yields a request and names its answer. */
function ask(body: Body, node: Node, request: string): string {
  const value = body.temp();
  body.emit(`const ${value}=yield ${body.at(node.span, request)};`);
  return value;
}

/** `(call id arg*)` (R11.1). */
export function emitCapability(body: Body, node: CapabilityNode): string {
  const hints = node.hints === null ? [] : [node.hints];
  const [id, ...rest] = body.all([node.id, ...node.args, ...hints]) as [string, ...string[]];
  const args = rest.slice(0, node.args.length);
  const site = body.unit.constant(node.site);
  const span = body.unit.constant(node.span);
  return ask(body, node, `rt.askCall(${site},${id},[${args.join(',')}],${rest[node.args.length] ?? 'null'},${span})`);
}

/** A context value: the step's, then the binding of the name, then the host's (R12.20, R12.21). */
export function emitContext(body: Body, node: ContextNode): string {
  const key = body.held(node.key);
  const request = `rt.askContext(${body.unit.constant(node.site)},${key})`;
  if (!node.steps) return ask(body, node, request);
  const value = body.temp();
  body.emit(`let ${value}=${body.at(node.span, `rt.stepContext(${key})`)};if(${value}===AB){`);
  if (node.local === null) body.emit(`${value}=yield ${body.at(node.span, request)};`);
  else body.emit(`${value}=${body.expression(node.local)};`);
  body.emit('}');
  return value;
}

/** `(set! :k v)` (R12.21). */
export function emitContextWrite(body: Body, node: ContextWriteNode): string {
  const [key, value] = body.all([node.key, node.value]) as [string, string];
  return body.at(node.span, `rt.setContext(${key},${value})`);
}

/** `(checkpoint "label"? e?)` (R12.17). */
export function emitCheckpoint(body: Body, node: CheckpointNode): string {
  const value = body.held(node.value);
  ask(body, node, `rt.askCheckpoint(${body.unit.constant(node.site)},${body.unit.constant(node.label)},${value})`);
  return value;
}

/** A step (§12): attempts, each told to the host, and what happens after the last one. */
export function emitStep(body: Body, node: StepNode, to: Destination): void {
  const { unit } = body;
  const [step, value, failure, label] = [body.temp(), body.temp(), body.temp(), unit.name('L')];
  const params = node.paramsValue === null ? 'null' : body.held(node.paramsValue);
  const handler = typeof node.onFail === 'string' ? null : body.held(node.onFail);
  const spec = unit.constant({ name: node.name, options: node.options, site: node.site });
  body.emit(`let ${value}=null;const ${step}=${body.at(node.span, `rt.openStep(${spec})`)};`);
  if (node.params !== null) body.emit(`const ${body.variable(node.params)}=${params};`);
  body.emit(`${label}:for(;;){yield rt.startStep(${step});let ${failure}=null;try{`);
  body.statement(node.body, { t: 'to', name: value });
  body.emit(`}catch(e){${failure}=rt.caught(e,s);}`);
  body.emit(`if(${failure}===null){yield rt.completeStep(${step},${value});break ${label};}`);
  body.emit(`if(rt.mayRetry(${step},${failure})){if(${step}.pauseMs>0)yield rt.askPause(${step});continue ${label};}`);
  body.emit(`yield rt.failStep(${step},${failure});`);
  if (node.onFail === 'fail') body.emit(`throw rt.again(${failure});`);
  else if (handler === null) body.emit(`${value}=null;break ${label};`);
  else afterFailure(body, { handler, failure, value, label });
  body.emit('}');
  body.deliver(value, to);
}

/** Calls the handler of `:on-fail`, which may yield (R12.8). */
function afterFailure(body: Body, at: { handler: string; failure: string; value: string; label: string }): void {
  const { handler, failure, value, label } = at;
  const [g, r] = [body.temp(), body.temp()];
  const mark = body.unit.entry({ mark: body.unit.name('a') });
  body.emit(`${value}=rt.plain(${mark},${handler},[${failure}],d-1);if(${value}===AB){`);
  body.emit(`const ${g}=rt.generator(${handler},[${failure}],d-1),${r}=${g}.next();`);
  body.emit(`${value}=${r}.done?${r}.value:yield new S(${g},${r}.value);}break ${label};`);
}

/** `parallel` and `step-parallel`: each branch a generator that the driver runs on a stack of its own (R12.14). */
export function emitParallel(body: Body, node: ParallelNode): string {
  const { unit } = body;
  const spec = unit.constant({ names: node.names, options: node.options, site: node.site });
  const branches = node.branches.map((branch) => {
    const inner = new Body(unit, body.emitter, { func: body.func, clause: null, mode: 'g', ownership: body.ownership });
    inner.statement(branch, RETURN);
    const site = unit.site(branch.span, body.func.name);
    const name = unit.name('b');
    body.emit([`const ${name}=function*(d){let s=${site};try{`, inner.lines, '}catch(e){throw rt.traced(e,s);}};']);
    return name;
  });
  return ask(body, node, `new Fork(${spec},[${branches.join(',')}],d)`);
}
