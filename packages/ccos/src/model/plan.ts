/** Plans and runs (O1, O2). */

/** A plan: what is hashed (`planHash`) and what is only told about it (the proposal). */
export interface Plan {
  readonly language: 'Rtfs20';
  /** The plan's text, and those of the modules that it loads, by name (R10.6); or bytecode as base64 (M1.4). */
  readonly body:
    | { readonly rtfs: string; readonly modules?: Readonly<Record<string, string>> }
    | { readonly bytecode: string };
  readonly inputSchema: string | null;
  readonly outputSchema: string | null;
  readonly policies: Readonly<Record<string, unknown>>;
  readonly capabilitiesRequired: readonly string[];
}
export interface Proposal {
  readonly planHash: string;
  readonly planId: string;
  readonly name: string;
  readonly createdAt: number;
  readonly proposer: string;
}

/** How a run stands (O2.1). The last four are final. */
export type RunStatus = 'running' | 'pending' | 'completed' | 'failed' | 'denied' | 'cancelled';

/** Execution modes, loosest first (S10). */
export const MODES = ['full', 'safe-only', 'require-approval', 'dry-run'] as const;
export type Mode = (typeof MODES)[number];
