/** What a run tells while it goes on: typed events, for progress and for embedding programs. */
import type { CcosError } from '../foundation/errors.ts';
import type { IsolationKind, ProviderName } from './isolation.ts';
import type { RunStatus } from './plan.ts';

/** An event of a run, in the order in which things happen. Times are milliseconds; `action` is the id of the record behind it. */
export type RunEvent =
  | { readonly type: 'notice'; readonly text: string }
  | {
      readonly type: 'run-started';
      readonly runId: string;
      readonly planHash: string;
      readonly provider: ProviderName;
      readonly isolation: IsolationKind;
    }
  | {
      readonly type: 'step-started';
      readonly name: string;
      readonly path: string;
      readonly depth: number;
      readonly attempt: number;
    }
  | {
      readonly type: 'step-completed';
      readonly name: string;
      readonly path: string;
      readonly depth: number;
      readonly durationMs: number;
    }
  | {
      readonly type: 'step-failed';
      readonly name: string;
      readonly path: string;
      readonly depth: number;
      readonly durationMs: number;
      readonly message: string;
    }
  | { readonly type: 'call-denied'; readonly capability: string; readonly error: CcosError }
  | { readonly type: 'output'; readonly text: string }
  | { readonly type: 'run-ended'; readonly runId: string; readonly status: RunStatus; readonly durationMs: number };

export type RunListener = (event: RunEvent) => void;
