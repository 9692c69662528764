/**
 * The strict reader of M8.4. A line that does not pass is a violation; nothing of it acts. The two frames of every call are known
 * by their shape; whatever is not exactly that shape is judged by the table.
 */
import {
  FRAME_BYTES_MAX,
  FRAME_DEPTH_MAX,
  FRAMES,
  ID_LENGTH_MAX,
  membersProblem,
  PATH_LENGTH_MAX,
  PROTOCOL,
  RUN_TOKEN,
  type Frame,
  type FrameSender,
  type FrameType,
} from './frames.ts';

/** What `parseFrame` answers: the frame, or why the line is a violation (M8.4). */
export type Parsed = { readonly frame: Frame } | { readonly violation: string };

/**
 * Reads one line from `sender`. `idBefore` is the id of the sender's last frame, -1 before the first. Never throws.
 */
export function parseFrame(line: string, sender: FrameSender, idBefore: number): Parsed {
  if (line.length >= FRAME_BYTES_MAX) return { violation: `frame over ${FRAME_BYTES_MAX} bytes` };
  if (deeperThan(line, FRAME_DEPTH_MAX)) return { violation: `frame nested deeper than ${FRAME_DEPTH_MAX}` };
  let frame: unknown;
  try {
    frame = JSON.parse(line);
  } catch {
    return { violation: 'not JSON' };
  }
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) return { violation: 'not a JSON object' };
  return judge(frame as Record<string, unknown>, sender, idBefore);
}

function judge(frame: Record<string, unknown>, sender: FrameSender, idBefore: number): Parsed {
  const { v, id, t } = frame;
  if (v !== PROTOCOL) return { violation: 'unknown version' };
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0)
    return { violation: 'id is not an integer from 0' };
  if (id <= idBefore) return { violation: 'id does not increase' };
  if (sender === 'guest' ? t === 'call' && isPlainCall(frame) : t === 'reply' && isPlainReply(frame))
    return { frame: frame as unknown as Frame };
  if (typeof t !== 'string' || !Object.hasOwn(FRAMES, t)) return { violation: 'unknown type of frame' };
  const known = FRAMES[t as FrameType];
  if (known.from !== 'both' && known.from !== sender) return { violation: `frame '${t}' is not the ${sender}'s` };
  const problem = membersProblem(frame, known.fields, ['v', 'id', 't']) ?? outcomeProblem(frame, t);
  return problem === null ? { frame: frame as unknown as Frame } : { violation: `frame '${t}': ${problem}` };
}

/** Members of a `call`, with `v`, `id` and `t`; of a `reply` with a value; of a step, of an exposure. */
const CALL_MEMBERS = 11,
  REPLY_MEMBERS = 6,
  STEP_MEMBERS = 2,
  EXPOSURE_MEMBERS = 2;

/** True only for a call that the table takes. A frame that has as many members as are known here has no other. */
function isPlainCall(frame: Record<string, unknown>): boolean {
  const { run, path, step, capability, args, exposure, hints, timeoutMs } = frame;
  return (
    isText(path, PATH_LENGTH_MAX) &&
    isText(capability, ID_LENGTH_MAX) &&
    typeof run === 'string' &&
    RUN_TOKEN.test(run) &&
    (step === null || isPlainStep(step)) &&
    args !== undefined &&
    hints !== undefined &&
    timeoutMs === null &&
    isNoExposure(exposure) &&
    Object.keys(frame).length === CALL_MEMBERS
  );
}

/** True only for a reply with a value that the table takes. */
function isPlainReply(frame: Record<string, unknown>): boolean {
  const { re, ok, value } = frame;
  return (
    ok === true &&
    value !== undefined &&
    typeof re === 'number' &&
    Number.isSafeInteger(re) &&
    re >= 0 &&
    Object.keys(frame).length === REPLY_MEMBERS
  );
}

function isText(value: unknown, max: number): boolean {
  return typeof value === 'string' && value.length <= max;
}
function isPlainStep(step: unknown): boolean {
  if (typeof step !== 'object' || step === null) return false;
  const { path, name } = step as Record<string, unknown>;
  return isText(path, PATH_LENGTH_MAX) && isText(name, PATH_LENGTH_MAX) && Object.keys(step).length === STEP_MEMBERS;
}
function isNoExposure(exposure: unknown): boolean {
  if (typeof exposure !== 'object' || exposure === null) return false;
  const { expose, keys } = exposure as Record<string, unknown>;
  return expose === null && keys === null && Object.keys(exposure).length === EXPOSURE_MEMBERS;
}

/** `reply` and `result` carry a value or an error, as `ok` says, and never both. */
function outcomeProblem(frame: Record<string, unknown>, type: string): string | null {
  if (type !== 'reply' && type !== 'result') return null;
  const wanted = frame['ok'] === true ? 'value' : 'error';
  const other = wanted === 'value' ? 'error' : 'value';
  if (frame[wanted] === undefined) return `'${wanted}' is missing`;
  return frame[other] === undefined ? null : `'${other}' beside '${wanted}'`;
}

/** True if the text nests deeper than `max`; looked at before parsing, so that no walker of the parsed value can overflow. */
function deeperThan(line: string, max: number): boolean {
  // Nesting needs an opening and a closing bracket a level: short lines, and those with few brackets, cannot be that deep. The
  // search is the engine's own, and for the one long string of a blob it spares the loop, which an interpreter runs slowly.
  if (line.length <= 2 * max || (!hasMoreThan(line, max, '[') && !hasMoreThan(line, max, '{'))) return false;
  let depth = 0,
    inString = false;
  for (let i = 0; i < line.length; i++) {
    const unit = line.charCodeAt(i);
    if (inString) {
      if (unit === 0x5c) i++;
      else if (unit === 0x22) inString = false;
    } else if (unit === 0x22) inString = true;
    else if (unit === 0x5b || unit === 0x7b) {
      if (++depth > max) return true;
    } else if (unit === 0x5d || unit === 0x7d) depth--;
  }
  return false;
}

/** True if the text has more than half of `max` of that character, so that two kinds of bracket can be more than `max`. */
function hasMoreThan(text: string, max: number, character: string): boolean {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1))
    if (++count > max / 2) return true;
  return false;
}
