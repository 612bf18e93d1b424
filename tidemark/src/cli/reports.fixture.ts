import type { AssetResult } from '../evidence/asset-result.ts';
import type { Check, Reconciliation } from '../evidence/reconcile.ts';
import type { RunReport } from '../evidence/run-report.ts';
import { EMPTY_RECORDS, type RecordTally, sumRecords, tallyAssets } from '../model/tally.ts';
import type { PlannedAsset } from '../run/plan-ingest.ts';
import type { Invocation } from '../tidemark.ts';
import type { Page } from './render/page.ts';
import { PLAIN } from './render/paint.ts';

/** Hand-made reports: what the engine would say of small runs, with ids that a reader can tell apart. */
export const RUN_A = '019ac0de-0000-7000-8000-00000000000a';
export const RUN_B = '019ac0de-0000-7000-8000-00000000000b';

export const eighty: Page = { width: 80, paint: PLAIN, projectWords: [] };

export function asset(given: Partial<AssetResult> = {}): AssetResult {
  return {
    sourceId: 'helpdesk-main',
    declaredPath: 'data/seeds/tickets.jsonl',
    assetType: 'jsonl',
    contractRef: 'omni://contracts/data/ticket/v1',
    table: 'ticket',
    judgement: 'accept',
    reasons: [],
    outcome: 'committed',
    findings: [],
    sourceFingerprint: 'ab'.repeat(32),
    sizeBytes: 4246,
    mediaType: 'application/x-ndjson',
    unitKey: 'cd'.repeat(32),
    records: null,
    committedBy: RUN_A,
    reused: null,
    note: null,
    next: null,
    ...given,
  };
}

export function tally(given: Partial<RecordTally>): RecordTally {
  return { ...EMPTY_RECORDS, ...given };
}

export function proof(
  checks: readonly Check[] = [passing('snapshot_records'), passing('digest_source_equals_bronze')],
): Reconciliation {
  return {
    verdict: checks.every(({ verdict }) => verdict === 'pass') ? 'pass' : 'fail',
    checks,
    coverage: { declared: 1, landed: 1, committed: 1, missing: [] },
  };
}

export function passing(name: string): Check {
  return { name, subject: 'helpdesk-main', expected: '1', received: '1', verdict: 'pass' };
}

/** The ledgers follow from the assets, as they do in a real run. */
export function run(given: Partial<RunReport> = {}): RunReport {
  const assets = given.assets ?? [asset({ records: tally({ read: 3, accepted: 3 }) })];
  return {
    runId: RUN_A,
    traceId: 'ee'.repeat(16),
    retryOf: null,
    recovery: null,
    manifestId: 'manifest-tickets-20260306-001',
    manifestPath: 'data/seed_manifests/tickets.json',
    manifestHash: 'ff'.repeat(32),
    batchId: 'batch-tickets',
    loadMode: 'full_snapshot',
    window: 'everything declared',
    sourceFingerprint: 'aa'.repeat(32),
    state: 'committed',
    startedAt: '2026-03-06T12:00:00.000Z',
    endedAt: '2026-03-06T12:00:01.000Z',
    assets,
    attempts: [],
    assetTally: tallyAssets(
      assets.map(({ outcome }) => outcome),
      assets.length,
    ),
    recordTally: sumRecords(assets.flatMap(({ records }) => (records === null ? [] : [records]))),
    digests: { read: '', accepted: '', duplicate: '', out_of_window: '', rejected: '' },
    tables: [{ table: 'ticket', snapshotId: '7', moved: true, addedRecords: 3, totalRecords: 3 }],
    failure: null,
    reconciliation: proof(),
    evidenceDir: `evidence/${RUN_A}`,
    ...given,
  };
}

/** A run that found everything there already. */
export function secondRun(): RunReport {
  const note = `already committed by run ${RUN_A}`;
  return run({
    runId: RUN_B,
    state: 'nothing_to_commit',
    assets: [asset({ outcome: 'already_committed', note, reused: 'raw_object' })],
    tables: [{ table: 'ticket', snapshotId: '7', moved: false, addedRecords: 0, totalRecords: 3 }],
    reconciliation: null,
    evidenceDir: `evidence/${RUN_B}`,
  });
}

export function invocation(given: Partial<Invocation> = {}): Invocation {
  const runs = given.runs ?? [run()];
  const incidents = { incidents: [], more: 0 };
  return { traceId: 'ee'.repeat(16), refused: [], runs, unopened: [], tables: [], incidents, ...given };
}

export function planned(given: Partial<PlannedAsset> = {}): PlannedAsset {
  return {
    sourceId: 'helpdesk-main',
    declaredPath: 'data/seeds/tickets.jsonl',
    assetType: 'jsonl',
    contractRef: 'omni://contracts/data/ticket/v1',
    table: 'ticket',
    judgement: 'accept',
    reasons: [],
    action: 'ingest',
    why: 'new content',
    sizeBytes: 4246,
    sourceFingerprint: 'ab'.repeat(32),
    fingerprintFrom: 'declared',
    ...given,
  };
}
