import type { DigestTexts } from '../bronze/prepared-unit.ts';
import type { RunState, RunVerb } from '../catalog/schema.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { Disposition } from '../errors/tidemark-error.ts';
import type { AssetTally, RecordTally } from '../model/tally.ts';
import type { AssetResult } from './asset-result.ts';
import type { Reconciliation } from './reconcile.ts';
import type { RunMaintenance } from './run-maintenance.ts';

/** Why a run did not do what it was asked to: what the caller should do is in the disposition. */
export interface RunFailure {
  readonly code: ErrorCode;
  readonly disposition: Disposition;
  readonly message: string;
  readonly next: string;
}

export interface RunRecovery {
  readonly verb: RunVerb;
  readonly planId: string | null;
  /** The run whose work was mended. */
  readonly parentRunId: string | null;
  /** Units that it took out of the tables, and whose rows they were. */
  readonly replaced: readonly {
    readonly unitKey: string;
    readonly sourceId: string;
    readonly records: number;
  }[];
}

export interface SourceAttempt {
  readonly sourceId: string;
  readonly role: string;
  /** From 1. */
  readonly attempt: number;
  readonly reason: string;
  readonly waitedMs: number;
}

/** One table as a run left it. */
export interface TableReport {
  readonly table: string;
  /** The head after the run. */
  readonly snapshotId: string | null;
  /** Whether this run moved it. */
  readonly moved: boolean;
  readonly addedRecords: number;
  readonly totalRecords: number;
}

/** A table of newest versions as a run left it. No part of the account: every version is a row of Bronze. */
export interface CurrentReport {
  readonly table: string;
  readonly snapshotId: string;
  /** Keys. */
  readonly totalRecords: number;
  /** Rows of Bronze beside these. */
  readonly supersededRecords: number;
  /** Of the keys that came in, those that are deleted; absent where no record can delete. */
  readonly deletedKeys?: number;
}

/** The whole account of one run: what the terminal shows, `--json` prints and the evidence seals. */
export interface RunReport {
  readonly runId: string;
  readonly traceId: string;
  readonly retryOf: string | null;
  /** The recovery plan that the run executed; null for a plain run. */
  readonly recovery: RunRecovery | null;
  readonly manifestId: string;
  readonly manifestPath: string;
  readonly manifestHash: string;
  readonly batchId: string;
  readonly loadMode: string;
  readonly window: string;
  readonly sourceFingerprint: string;
  readonly state: RunState;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly assets: readonly AssetResult[];
  /** Readings of sources that failed for a reason that may pass, and were tried again. */
  readonly attempts: readonly SourceAttempt[];
  readonly assetTally: AssetTally;
  readonly recordTally: RecordTally;
  readonly digests: DigestTexts;
  readonly tables: readonly TableReport[];
  /** Absent where no newest versions are kept. */
  readonly current?: readonly CurrentReport[];
  readonly failure: RunFailure | null;
  /** Null when nothing was committed, or when the run ended before it could be proven. */
  readonly reconciliation: Reconciliation | null;
  /** Below the home folder. */
  readonly evidenceDir: string;
  /** Of the tables, after the run; told and not sealed. Absent where nothing was due. */
  readonly maintenance?: RunMaintenance;
  /** Why a run that ended well could not be held against its manifest's past; told and not sealed. Absent where it was. */
  readonly notCompared?: { readonly message: string; readonly next: string };
}
