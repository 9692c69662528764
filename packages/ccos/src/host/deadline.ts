/** Runs something against a deadline and against the run's own end (O5.5). */
import { CcosError } from '../foundation/errors.ts';

/**
 * The result of `work`, or `TIMEOUT {limitMs, scope}` when it takes longer, or the reason with which the run was
 * stopped (`CANCELLED`, `LIMIT_TIME`). `work` is told by its signal.
 */
export async function withDeadline<T>(
  limitMs: number,
  run: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  run.throwIfAborted();
  const controller = new AbortController();
  const ended = Promise.withResolvers<never>();
  const stop = (reason: unknown): void => {
    controller.abort(reason);
    ended.reject(reason as Error);
  };
  const onRunEnd = (): void => stop(run.reason);
  run.addEventListener('abort', onRunEnd, { once: true });
  const timer = setTimeout(
    () =>
      stop(
        new CcosError('TIMEOUT', `The call took longer than ${limitMs} ms`, {
          hint: 'a larger :timeout-ms',
          details: { limitMs, scope: 'call' },
        }),
      ),
    limitMs,
  );
  try {
    return await Promise.race([work(controller.signal), ended.promise]);
  } finally {
    clearTimeout(timer);
    run.removeEventListener('abort', onRunEnd);
  }
}
