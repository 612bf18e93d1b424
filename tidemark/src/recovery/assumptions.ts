import { rowsSnapshotId } from '../bronze/iceberg/expire-snapshots.ts';
import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { tableIo } from '../bronze/table-io.ts';
import { findBatch } from '../catalog/batches.ts';
import { findTable } from '../catalog/iceberg-tables.ts';
import { latestRunOfBatch } from '../catalog/runs.ts';
import { nullUnlessAway } from '../landing/store/away.ts';
import type { Engine } from '../run/engine.ts';
import { surveySource } from '../source/survey-source.ts';
import type { BatchAtHand } from './batch-at-hand.ts';
import type { Assumption } from './recovery-plan.ts';

/** The world as a plan sees it: taken once when it is made, and again before it is executed. */
export async function observe(
  engine: Engine,
  batch: BatchAtHand,
  { tables, sources }: { tables: readonly string[]; sources: readonly string[] },
): Promise<Assumption[]> {
  const { manifest, path, contentHash } = batch.declared;
  const of = { manifestId: manifest.manifest_id, batchId: batch.batchId };
  const row = await findBatch(engine.catalog, of);
  const last = await latestRunOfBatch(engine.catalog, of);
  const contracts = new Map(
    batch.assets.map(({ admission, contract }) => [admission.contractRef, contract?.hash ?? 'unavailable']),
  );
  const seen: Assumption[] = [
    { kind: 'manifest', subject: path, expected: contentHash },
    ...[...contracts].map(([subject, expected]) => ({ kind: 'contract' as const, subject, expected })),
    { kind: 'revision', subject: batch.batchId, expected: String(row?.revision ?? 0) },
    { kind: 'last_run', subject: batch.batchId, expected: last?.runId ?? 'none' },
  ];
  for (const table of tables) {
    seen.push({ kind: 'table', subject: table, expected: await rowsOf(engine, table) });
  }
  for (const subject of sources) {
    seen.push({ kind: 'source', subject, expected: await standingOf(engine, subject) });
  }
  return seen;
}

/** What made a table's rows what they are: maintenance moves its pointer and none of its rows. */
async function rowsOf({ catalog }: Engine, table: string): Promise<string> {
  const pointer = await findTable(catalog, table);
  if (pointer === null) return 'none';
  const read = await readTableMetadata(tableIo, pointer.metadataLocation).catch(nullUnlessAway);
  return read === null ? pointer.metadataLocation : `snapshot ${rowsSnapshotId(read.metadata) ?? 'none'}`;
}

async function standingOf(engine: Engine, declared: string): Promise<string> {
  const survey = await surveySource({
    root: engine.root,
    declared,
    declaresBytes: false,
    filesMax: engine.limits.folderFilesMax,
  });
  switch (survey.kind) {
    case 'unreachable':
      return survey.cause;
    case 'many':
      return 'many files';
    case 'objects':
      return 'objects';
    case 'object':
      return 'an object';
    case 'url':
      return 'a URL';
    case 'api':
      return 'an API';
    case 'module':
      return 'rows of a module';
    case 'relation':
      return 'a table';
    case 'tap':
      return 'a stream';
    case 'one':
      return `${survey.split.stat.sizeBytes} bytes, modified at ${survey.split.stat.mtimeNs} ns`;
  }
}

export interface Moved {
  readonly kind: Assumption['kind'];
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

/** What is not as it was assumed. Pure. */
export function movedSince(assumed: readonly Assumption[], seen: readonly Assumption[]): Moved[] {
  const now = new Map(seen.map(({ kind, subject, expected }) => [`${kind} ${subject}`, expected]));
  return assumed.flatMap(({ kind, subject, expected }) => {
    const what = `${kind} ${subject}`;
    const found = now.get(what) ?? 'nothing';
    return found === expected ? [] : [{ kind, what, expected, found }];
  });
}
