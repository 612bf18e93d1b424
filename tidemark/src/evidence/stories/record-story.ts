import { relative } from 'node:path';
import { saysDeletion } from '../../bronze/current/deletions.ts';
import { commitsOfSnapshot } from '../../catalog/commits.ts';
import { objectKey } from '../../landing/home.ts';
import type { Archive } from '../archive.ts';
import type { FoundRecord } from './find-records.ts';
import type { FoundSkip } from './find-skips.ts';
import { counted, facts, related, type Story } from './story.ts';

/** Duplicates that are listed; all of them are counted. */
const DUPLICATES_MAX = 50;

/** A record in a table: by which declaration, run and unit it came in, where it lies, how often it came again. */
export async function recordStory(
  { catalog, home }: Archive,
  {
    record,
    versions,
    duplicates,
    asked,
  }: {
    record: FoundRecord;
    /** All rows found with the same business key, newest version first. */
    versions: readonly FoundRecord[];
    duplicates: readonly FoundSkip[];
    /** As it was asked for: one of its ids, or its fingerprint. */
    asked: string;
  },
): Promise<Story> {
  const { table, row, ids, fingerprint, path } = record;
  const text = (name: string) => String(row[name] ?? '');
  const file = table.files.find((candidate) => candidate.path === path);
  const snapshotId = file === undefined ? null : String(file.addedSnapshotId);
  const commits = snapshotId === null ? [] : await commitsOfSnapshot(catalog, snapshotId);
  const commit = commits.find((entry) => entry.table === table.table);
  const isThis = (other: FoundRecord) =>
    other.fingerprint === fingerprint && other.row.record_line === row.record_line && other.path === path;
  const place = versions.findIndex(isThis);
  const others = versions.filter((other) => !isThis(other));
  const known = Object.values(ids);
  const name = known.find((id) => id === asked) || known[0] || fingerprint;
  const raw = objectKey('raw', text('source_fingerprint'));
  return {
    kind: 'record',
    title: `record ${name} in bronze.${table.table}`,
    facts: [
      ...facts(ids),
      ...facts({
        version: versions.length > 1 ? versionOf({ place, count: versions.length }) : null,
        deletes: deletes(record) ? deletesWhat(place) : null,
        fingerprint,
        'event time': table.eventTimeColumn && isoTime(text(table.eventTimeColumn)),
        'taken from': placeOf({
          sourceId: text('source_id'),
          line: row.record_line,
          offset: row.record_offset,
        }),
        'raw object': raw,
        'came in': isoTime(text('ingested_at')),
        'committed at': commit && `${commit.committedAt}, revision ${commit.revision} of its batch`,
        'data file': relative(home.storeDir, path),
        'came again':
          duplicates.length > 0 ? `${counted(duplicates.length, 'time')}, not stored again` : null,
      }),
      ...duplicates.slice(0, DUPLICATES_MAX).map((skip) => ({
        label: 'duplicate',
        value: `line ${skip.line} of ${skip.sourceId}, batch ${skip.batchId}, run ${skip.runId}`,
      })),
    ],
    related: [
      ...related({
        manifest: text('manifest_id'),
        batch: text('batch_id'),
        'produced by run': text('run_id'),
        'committed by run': commit?.runId,
        trace: text('trace_id'),
        source: text('source_id'),
        content: text('source_fingerprint'),
        unit: text('unit_key'),
        snapshot: snapshotId,
        'data file': path,
      }),
      ...others.map((other) => ({
        label: 'other version',
        value: `${other.fingerprint}, came in ${isoTime(String(other.row.ingested_at))}`,
        query: other.fingerprint,
      })),
    ],
    next: null,
  };
}

function versionOf({ place, count }: { place: number; count: number }): string {
  return `${count - place} of ${count}${place === 0 ? ', the current one' : ''}`;
}

function deletes({ row, table: { deletion } }: FoundRecord): boolean {
  return deletion !== null && saysDeletion(deletion, row[deletion.column]);
}

function deletesWhat(place: number): string {
  return place <= 0 ? 'its key, which has no newest version' : 'its key, and a newer version came after it';
}

function placeOf({ sourceId, line, offset }: { sourceId: string; line: unknown; offset: unknown }): string {
  return line === null ? `${sourceId}, the asset as a whole` : `${sourceId}, line ${line}, byte ${offset}`;
}

/** DuckDB's text of a time in UTC, as ISO 8601; a date stays as it is. */
function isoTime(text: string): string {
  return text.replace(/^(\d{4}-\d{2}-\d{2}) (.+)\+00$/, '$1T$2Z');
}
