import { planIdOf } from '../catalog/plans.ts';
import type { RunVerb } from '../catalog/schema.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { RecordTally } from '../model/tally.ts';
import type { RecordWindow } from '../refine/refined.ts';
import type { DeclaredAsset } from '../run/declared-asset.ts';

export type RecoveryVerb = Exclude<RunVerb, 'run'>;

/**
 * What is to be done with one source:
 * `keep`: proven to be right as it is. `reuse`: prepared by the run that stopped.
 * `read`: read the source. `replace`: put the new result in the place of the old one. `restore`: write again what is
 * recorded but damaged. `admit`: bring in what was held or refused. `stay`: held, refused or never received as before.
 * `impossible`: this verb cannot mend it, `why` says what can.
 */
export type PlannedAction =
  | 'keep'
  | 'reuse'
  | 'read'
  | 'replace'
  | 'restore'
  | 'admit'
  | 'stay'
  | 'impossible';

/** How the outcomes of single records would change, by line of the source; the lists are bounded, the counts are not. */
export interface RecordChanges {
  readonly admitted: number;
  readonly rejected: number;
  readonly otherwise: number;
  readonly examples: readonly {
    readonly line: number;
    readonly before: string;
    readonly after: string;
  }[];
}

export interface PlannedSource {
  readonly sourceId: string;
  /** The part of a source of many; absent for a source that is one. */
  readonly split?: string;
  readonly declaredPath: string;
  readonly action: PlannedAction;
  readonly why: string;
  /** Stored bytes to work on, by role; empty where the source is read. */
  readonly bytes: readonly { readonly role: string; readonly sha256: string }[];
  /** Null: none. */
  readonly window: RecordWindow | null;
  /** Whether the bytes have to be what the manifest declares now. */
  readonly verifyDeclared: boolean;
  /** Committed units that go out when this source comes in. */
  readonly replaces: readonly string[];
  /** Of a source that is kept: the unit that stands. */
  readonly stands: { readonly unitKey: string; readonly committedBy: string } | null;
  readonly before: RecordTally | null;
  /** Null where only reading the source can tell. */
  readonly after: RecordTally | null;
  readonly changes: RecordChanges | null;
}

/** Something that has to be so when the plan is executed. */
export interface Assumption {
  readonly kind: 'manifest' | 'contract' | 'revision' | 'last_run' | 'table' | 'source';
  readonly subject: string;
  readonly expected: string;
}

/** What will go out of and come into one table. */
export interface TableEffect {
  readonly table: string;
  readonly removes: number;
  /** Null where only reading the source can tell. */
  readonly adds: number | null;
}

/** A recovery, decided and not yet done. A sealed value: its id is the hash of its text. */
export interface RecoveryPlan {
  readonly format: 'tidemark-plan-1';
  readonly verb: RecoveryVerb;
  readonly reason: string;
  readonly manifestId: string;
  readonly manifestPath: string;
  /** The batch that is mended. */
  readonly ofBatchId: string;
  /** The batch that the run will be of: another one for a backfill alone. */
  readonly batchId: string;
  readonly parentRunId: string | null;
  readonly sources: readonly PlannedSource[];
  /** In total; null where only reading the sources can tell. */
  readonly expected: RecordTally | null;
  readonly effects: readonly TableEffect[];
  /** Fewer records read than this, and nothing is replaced. */
  readonly recordsMin: number;
  readonly movesProgress: boolean;
  readonly contactsSources: boolean;
  readonly assumes: readonly Assumption[];
  readonly createdAt: string;
  readonly expiresAt: string;
}

export interface SealedPlan {
  /** SHA-256 of `body`. */
  readonly planId: string;
  readonly body: string;
  readonly plan: RecoveryPlan;
}

export function sealPlan(plan: RecoveryPlan): SealedPlan {
  const body = JSON.stringify(plan);
  return { planId: planIdOf(body), body, plan };
}

/** Whether there is anything that executing the plan would change or record. */
export function isExecutable(plan: RecoveryPlan): boolean {
  return plan.sources.length > 0 && plan.sources.every(({ action }) => action !== 'impossible');
}

/** Whether executing it would put anything into a table or take anything out. */
export function changesTables(plan: RecoveryPlan): boolean {
  return plan.sources.some(({ action }) => action !== 'keep' && action !== 'stay');
}

export const NOTHING_PLANNED = {
  bytes: [],
  verifyDeclared: false,
  replaces: [],
  stands: null,
  before: null,
  after: null,
  changes: null,
} as const satisfies Partial<PlannedSource>;

/** A source of a plan before anything is known of it. */
export function plannedOf(declared: DeclaredAsset): Omit<PlannedSource, 'action' | 'why'> {
  return {
    sourceId: declared.file.sourceId,
    ...(declared.file.split !== '' && { split: declared.file.split }),
    declaredPath: declared.file.declaredPath,
    window: declared.window,
    ...NOTHING_PLANNED,
  };
}

/** The command that makes a plan anew. */
export function planAgain(plan: RecoveryPlan): string {
  const [window] = plan.sources.map((source) => source.window);
  const interval =
    plan.verb === 'backfill'
      ? ['--from', window?.startAt ?? '', '--to', window?.endBefore ?? '', '--reason', plan.reason]
      : [];
  return nextCommand(plan.verb, '--manifest', plan.manifestId, '--batch-id', plan.ofBatchId, ...interval);
}
