import { join } from 'node:path';
import { openTable } from '../bronze/open-table.ts';
import { encodeUnit, type PreparedUnit } from '../bronze/prepared-unit.ts';
import { QUARANTINE } from '../bronze/table-definitions.ts';
import { writeDecision } from '../bronze/write-decision.ts';
import { findObject } from '../catalog/objects.ts';
import { findCommittedUnit, recordPreparedUnit } from '../catalog/units.ts';
import type { Finding } from '../evidence/asset-result.ts';
import { objectKey } from '../landing/home.ts';
import { EMPTY_DIGEST } from '../model/digest.ts';
import { QUARANTINE_TABLE } from '../model/table-names.ts';
import { EMPTY_RECORDS } from '../model/tally.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import { isFormatFinding, nextOfFormat } from './format-findings.ts';
import type { LandedSource } from './landed-source.ts';
import { leftPrepared } from './left-prepared.ts';
import { resultOf } from './result-of.ts';
import type { AssetWork, RunContext } from './run-context.ts';
import { replacesUnit } from './run-purpose.ts';
import { decisionKey, unreadFingerprint } from './unit-identity.ts';

/**
 * A decision not to admit an asset is a unit of its own: one row of the quarantine table, committed with the batch. The
 * same decision on the same bytes is recorded once, so a second run has nothing to commit.
 */
export async function prepareDecision(
  run: RunContext,
  options: {
    declared: DeclaredAsset;
    disposition: 'held' | 'refused';
    findings: readonly Finding[];
    bytes: LandedSource | null;
  },
): Promise<AssetWork> {
  const { declared, disposition, findings, bytes } = options;
  const { sourceId, split } = declared.file;
  const table = declared.contract?.traits.table ?? 'unknown';
  const sourceFingerprint =
    bytes?.sha256 ?? unreadFingerprint({ manifestId: run.manifest.manifest_id, sourceId });
  const rules = [...declared.admission.reasons, ...findings].map((reason) => reason.rule);
  const key = decisionKey({ table, sourceId, split, sourceFingerprint, disposition, reasons: rules });
  const base = {
    outcome: disposition,
    findings,
    bytes,
    unitKey: key,
    next: nextOf({ declared, disposition, findings }),
  };
  const { catalog } = run.engine;
  const known = await findCommittedUnit(catalog, key);
  if (known !== null && !replacesUnit(run.purpose, key)) {
    const note = `${disposition} as before, recorded by run ${known.committedBy}`;
    const result = resultOf(declared, { ...base, note, committedBy: known.committedBy });
    return { declared, result, unit: null, landed: null };
  }
  const definition = QUARANTINE;
  const quarantine = await openTable({
    catalog,
    home: run.engine.home,
    definition,
    partitionBy: run.engine.partitionBy[definition.name] ?? [],
    now: run.engine.clock.now(),
  });
  const manifestId = run.manifest.manifest_id;
  const origin = { unitKey: key, batchMates: [], manifestHash: run.declared.contentHash };
  const left = await leftPrepared(run, { ...origin, tables: [quarantine] });
  if (left !== null) {
    const result = resultOf(declared, { ...base, reused: 'prepared_unit' });
    return { declared, result, unit: left, landed: null };
  }
  const scratchDir = join(run.engine.home.scratchDir(run.runId), key.slice(0, 16));
  await using duck = await run.openEngine();
  const files = await writeDecision(duck, {
    table: quarantine,
    scratchDir,
    unitKey: key,
    anchors: { manifestId, batchId: run.batchId, runId: run.runId, sourceFingerprint, traceId: run.traceId },
    ingestedAt: run.startedAt,
    row: {
      source_id: sourceId,
      table_name: table,
      contract_ref: declared.admission.contractRef,
      disposition,
      judgement: declared.admission.judgement,
      reasons: [
        ...declared.admission.reasons.map(({ rule, message }) => ({
          rule,
          message,
          expected: null,
          received: null,
        })),
        ...findings.map(({ rule, message, expected, received }) => ({ rule, message, expected, received })),
      ],
      declared_path: declared.file.declaredPath,
      payload_ref: bytes === null ? null : objectKey(await zoneOf(run, bytes.sha256), bytes.sha256),
      size_bytes: bytes?.sizeBytes ?? null,
      media_type: bytes?.mediaType ?? null,
    },
  });
  const unit: PreparedUnit = {
    ...origin,
    table: QUARANTINE_TABLE,
    sourceId,
    ...(split !== '' && { split }),
    sourceFingerprint,
    window: '-',
    contractRef: declared.admission.contractRef,
    contractHash: declared.contract?.hash ?? '',
    preparedBy: run.runId,
    files: [files],
    tally: EMPTY_RECORDS,
    digests: {
      read: EMPTY_DIGEST,
      accepted: EMPTY_DIGEST,
      duplicate: EMPTY_DIGEST,
      out_of_window: EMPTY_DIGEST,
      rejected: EMPTY_DIGEST,
    },
    dedupedAgainst: null,
    deduplicates: false,
    eventTime: null,
    cursor: null,
    watermark: null,
    observed: {},
  };
  await recordPreparedUnit(catalog, {
    unitKey: key,
    manifestId,
    batchId: run.batchId,
    tableName: unit.table,
    sourceId,
    split,
    sourceFingerprint,
    window: unit.window,
    contractHash: unit.contractHash,
    preparedBy: run.runId,
    preparedAt: run.engine.clock.now().toISOString(),
    prepared: encodeUnit(unit),
  });
  return { declared, result: resultOf(declared, base), unit, landed: null };
}

/** Bytes that were admitted before they were refused stay in raw. */
async function zoneOf(run: RunContext, sha256: string): Promise<'raw' | 'quarantine'> {
  return (await findObject(run.engine.catalog, sha256))?.zone ?? 'quarantine';
}

function nextOf({
  declared,
  disposition,
  findings,
}: {
  declared: DeclaredAsset;
  findings: readonly Finding[];
  disposition: 'held' | 'refused';
}): string {
  const { sourceId, declaredPath } = declared.file;
  const ofFormat = findings.find(isFormatFinding);
  if (disposition === 'refused' && ofFormat !== undefined)
    return nextOfFormat(ofFormat, { sourceId, declaredPath });
  return disposition === 'held'
    ? `Complete the metadata or the PII scan of ${sourceId} in its manifest, then run again.`
    : `Mend ${sourceId} in its manifest, its contract or its source, then run again.`;
}
