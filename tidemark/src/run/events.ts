import type { AssetResult } from '../evidence/asset-result.ts';
import type { RunReport, SourceAttempt } from '../evidence/run-report.ts';

/** What a run tells while it goes on. Numbers are cumulative for the asset named. */
export type RunEvent =
  | {
      readonly kind: 'run_started';
      readonly runId: string;
      readonly manifestId: string;
      readonly batchId: string;
      readonly assets: number;
      readonly retryOf: string | null;
    }
  | {
      readonly kind: 'asset_progress';
      readonly sourceId: string;
      readonly stage: 'landing' | 'refining';
      readonly bytes: number;
      readonly totalBytes: number;
      readonly records: number;
    }
  | ({ readonly kind: 'attempt_failed' } & SourceAttempt)
  | { readonly kind: 'asset_ended'; readonly asset: AssetResult }
  | { readonly kind: 'committing'; readonly tables: readonly string[]; readonly attempt: number }
  | { readonly kind: 'run_ended'; readonly report: RunReport };
