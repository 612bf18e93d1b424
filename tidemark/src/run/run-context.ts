import type { OpenEngine } from '../bronze/data-engine.ts';
import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import type { Lease } from '../catalog/leases.ts';
import type { AssetResult } from '../evidence/asset-result.ts';
import type { SourceAttempt } from '../evidence/run-report.ts';
import type { DeclaredManifest, SourceManifest } from '../manifest/source-manifest.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import type { Engine } from './engine.ts';
import type { LandedSource } from './landed-source.ts';
import type { RunPurpose } from './run-purpose.ts';

/** One run of one manifest's batch, while it goes on. */
export interface RunContext {
  readonly engine: Engine;
  readonly runId: string;
  readonly traceId: string;
  readonly retryOf: string | null;
  readonly lease: Lease;
  readonly purpose: RunPurpose;
  readonly declared: DeclaredManifest;
  readonly manifest: SourceManifest;
  readonly batchId: string;
  readonly startedAt: string;
  readonly assets: readonly DeclaredAsset[];
  /** The assets, those of many splits split by split; each is taken for itself. */
  readonly parts: DeclaredAsset[];
  /** Parts that stand for a source whose splits are all gone. */
  readonly emptied: Set<DeclaredAsset>;
  /** How far the run has come, in the order of the parts; grows. */
  readonly works: AssetWork[];
  /** What there is to say of an asset as a whole, by its ledger key; grows. */
  readonly notes: Map<string, string>;
  /** Readings of sources that failed and were tried again; grows. */
  readonly attempts: SourceAttempt[];
  readonly openEngine: OpenEngine;
}

/** Where one asset stands: its result so far, and the unit that waits for the commit, if any. */
export interface AssetWork {
  readonly declared: DeclaredAsset;
  readonly result: AssetResult;
  readonly unit: PreparedUnit | null;
  /** Bytes in raw, so that the unit can be prepared again without the source. */
  readonly landed: AdmittedBytes | null;
}

export interface AdmittedBytes {
  readonly asset: LandedSource;
  readonly sidecars: readonly LandedSource[];
}
