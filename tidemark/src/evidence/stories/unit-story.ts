import { decodeUnit, type PreparedUnit, type WithoutCursor } from '../../bronze/prepared-unit.ts';
import type { CatalogReader } from '../../catalog/catalog.ts';
import { commitsOfRun } from '../../catalog/commits.ts';
import { formatDigest } from '../../model/digest.ts';
import { QUARANTINE_TABLE } from '../../model/table-names.ts';
import type { Decoding } from '../../refine/formats/decoding.ts';
import { describeDecoding } from '../../refine/formats/describe-decoding.ts';

import { type AssetResult, BY_POLICY } from '../asset-result.ts';
import { describeRecords } from './describe-tally.ts';
import { counted, type Fact, facts, related, type Story } from './story.ts';

/** A unit of work: one asset under one contract. One story for each time that it was prepared. */
export async function unitStories(catalog: CatalogReader, unitKey: string): Promise<Story[]> {
  const rows = await catalog
    .selectFrom('units')
    .selectAll()
    .where('unit_key', '=', unitKey)
    .orderBy('prepared_at')
    .execute();
  const stories: Story[] = [];
  for (const row of rows) {
    const unit = decodeUnit(row.prepared);
    const commits = row.committed_by === null ? [] : await commitsOfRun(catalog, row.committed_by);
    const tables = new Set(unit.files.map(({ table }) => table));
    stories.push({
      kind: 'unit',
      title: `unit ${unitKey}: ${row.state}`,
      facts: [
        ...facts({
          table: `bronze.${unit.table}`,
          source: unit.sourceId,
          window: unit.window === '-' ? null : unit.window,
          'prepared at': row.prepared_at,
          'committed at': row.committed_at,
          records: unit.tally.read > 0 ? describeRecords(unit.tally) : null,
          'event times': unit.eventTime && `${unit.eventTime.min} to ${unit.eventTime.max}`,
          cursor: unit.cursor && `${unit.cursor.field} ${unit.cursor.value}`,
          'without a cursor': unit.withoutCursor && describeWithoutCursor(unit.withoutCursor),
          'deduplicated against': unit.deduplicates ? (unit.dedupedAgainst ?? 'an empty table') : null,
          'digest of what was read': unit.digests.read.count > 0 ? formatDigest(unit.digests.read) : null,
        }),
        ...observedFacts(unit),
        ...(unit.table === QUARANTINE_TABLE ? await decisionFacts(catalog, unit) : []),
      ],
      related: [
        ...related({
          content: unit.sourceFingerprint,
          manifest: row.manifest_id,
          batch: row.batch_id,
          'prepared by': row.prepared_by,
          'committed by': row.committed_by,
          contract: row.contract_hash,
        }),
        { label: 'source', value: unit.sourceId, query: unit.sourceId },
        ...commits
          .filter(({ table }) => tables.has(table))
          .map((commit) => ({
            label: 'snapshot',
            value: `${commit.snapshotId} of bronze.${commit.table}`,
            query: commit.snapshotId,
          })),
        ...unit.files.flatMap(({ table, files }) =>
          files.map((file) => ({
            label: 'data file',
            value: `bronze.${table}: ${counted(file.recordCount, 'row')}, ${file.uri}`,
            query: file.uri,
          })),
        ),
      ],
      next: null,
    });
  }
  return stories;
}

function describeWithoutCursor({ field, policy, records }: WithoutCursor): string {
  return `${counted(records, 'record')} without ${field}: ${BY_POLICY[policy]}`;
}

/** A unit of the quarantine table is a decision: which, and why. */
async function decisionFacts(catalog: CatalogReader, unit: PreparedUnit): Promise<Fact[]> {
  const row = await catalog
    .selectFrom('run_assets')
    .select('detail')
    .where('source_id', '=', unit.sourceId)
    .where('run_id', '>=', unit.preparedBy)
    .orderBy('run_id')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return [];
  const { outcome, findings, reasons } = JSON.parse(row.detail) as AssetResult;
  const why = [...findings, ...reasons].map(({ rule, message }) => ({ label: rule, value: message }));
  return [...facts({ decision: outcome }), ...why];
}

function observedFacts({ observed }: PreparedUnit): Fact[] {
  const { decoding } = observed;
  const how =
    decoding === undefined ? [] : facts({ 'records read as': describeDecoding(decoding as Decoding) });
  const seen = Object.entries(observed).flatMap(([name, value]) =>
    value === null || typeof value === 'object' ? [] : [{ label: `seen: ${name}`, value: String(value) }],
  );
  return [...how, ...seen];
}
