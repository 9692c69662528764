/** CCOS for embedding programs: `open`, `run`, `check`, typed events. Nothing else is public. */
export { open, Ccos } from './runtime/ccos.ts';
export type { CheckReport, CompiledPlan, OpenOptions, PlanOptions, RunReport } from './runtime/ccos.ts';
export { CcosError } from './foundation/errors.ts';
export type { ErrorCode } from './foundation/errors.ts';
export type { RunEvent, RunListener } from './model/events.ts';
export type { ExecutionMetadata } from './model/program.ts';
export type { PolicyOptions } from './security/grants.ts';
