import { QUARANTINE_TABLE } from '../model/table-names.ts';
import type { FileStat } from '../source/file/locate-source.ts';
import type { HttpValidators } from '../source/http/validators.ts';
import type { CatalogReader } from './catalog.ts';

export interface StoredObject {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly zone: 'raw' | 'quarantine';
  readonly mediaType: string;
}

export interface Receipt {
  readonly runId: string;
  readonly sourceId: string;
  /** `asset`, or the sidecar's role: `transcript`, `ocr_text`, `keyframe_ocr`, `audio_track`. */
  readonly role: string;
  /** The part of a source of many; empty for a source that is one. */
  readonly split: string;
  readonly declaredPath: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly receivedAt: string;
  /** Of a URL: what its server said of these bytes. */
  readonly validators: HttpValidators | null;
  /** Of a Singer tap: from where to go on once what came is committed; JSON. */
  readonly stateAfter: string | null;
}

/** Whether any known object could be this file: then its sum is taken before it is copied. */
export async function knownObjectOfSize(
  catalog: CatalogReader,
  { sizeBytes, sha256 }: { sizeBytes: number; sha256: string | null },
): Promise<boolean> {
  let query = catalog.selectFrom('objects').select('sha256').where('size_bytes', '=', sizeBytes);
  if (sha256 !== null) query = query.where('sha256', '=', sha256);
  return (await query.limit(1).executeTakeFirst()) !== undefined;
}

export async function findObject(catalog: CatalogReader, sha256: string): Promise<StoredObject | null> {
  const row = await catalog.selectFrom('objects').selectAll().where('sha256', '=', sha256).executeTakeFirst();
  return row === undefined
    ? null
    : { sha256: row.sha256, sizeBytes: row.size_bytes, zone: row.zone, mediaType: row.media_type };
}

/** Whether any delivery of this content is recorded. */
export async function hasReceipt(catalog: CatalogReader, sha256: string): Promise<boolean> {
  const row = await catalog
    .selectFrom('receipts')
    .select('run_id')
    .where('sha256', '=', sha256)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Records a delivery: the object (once per content; raw outranks quarantine) and the receipt of this run. */
export async function recordReceipt(
  catalog: CatalogReader,
  { receipt, object }: { receipt: Receipt; object: StoredObject },
): Promise<void> {
  await catalog
    .insertInto('objects')
    .values({
      sha256: object.sha256,
      size_bytes: object.sizeBytes,
      zone: object.zone,
      media_type: object.mediaType,
      first_run_id: receipt.runId,
      stored_at: receipt.receivedAt,
    })
    .onConflict((conflict) =>
      conflict.column('sha256').doUpdateSet((eb) => ({
        zone: eb
          .case()
          .when(eb.ref('excluded.zone'), '=', 'raw')
          .then<'raw' | 'quarantine'>('raw')
          .else(eb.ref('objects.zone'))
          .end(),
      })),
    )
    .execute();
  await catalog
    .insertInto('receipts')
    .values({
      run_id: receipt.runId,
      source_id: receipt.sourceId,
      role: receipt.role,
      split: receipt.split,
      declared_path: receipt.declaredPath,
      sha256: receipt.sha256,
      size_bytes: receipt.sizeBytes,
      received_at: receipt.receivedAt,
      validators: receipt.validators === null ? null : JSON.stringify(receipt.validators),
      state_after: receipt.stateAfter,
    })
    .onConflict((conflict) => conflict.columns(['run_id', 'source_id', 'role', 'split']).doNothing())
    .execute();
}

/** The latest delivery of a URL that its server can be asked about, and the object that it brought. */
export async function storedDelivery(
  catalog: CatalogReader,
  { declaredPath, checksumSha256 }: { declaredPath: string; checksumSha256: string | null },
): Promise<{ readonly object: StoredObject; readonly validators: HttpValidators } | null> {
  const row = await catalog
    .selectFrom('receipts')
    .select(['sha256', 'validators'])
    .where('declared_path', '=', declaredPath)
    .orderBy('received_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined || row.validators === null) return null;
  // Other bytes are declared than came: only the bytes themselves can tell.
  if (checksumSha256 !== null && checksumSha256 !== row.sha256) return null;
  const object = await findObject(catalog, row.sha256);
  return object === null ? null : { object, validators: JSON.parse(row.validators) as HttpValidators };
}

/**
 * The state of a source whose rows are in a table: that of its latest delivery of which the content was committed. A batch
 * that failed or was held leaves it where it was, and it moves in the very transaction that makes the rows visible.
 */
export async function committedState(
  catalog: CatalogReader,
  { manifestId, sourceId, declaredPath }: { manifestId: string; sourceId: string; declaredPath: string },
): Promise<string | null> {
  const row = await catalog
    .selectFrom('receipts')
    .innerJoin('runs', 'runs.run_id', 'receipts.run_id')
    .select('receipts.state_after')
    .where('receipts.declared_path', '=', declaredPath)
    .where('receipts.source_id', '=', sourceId)
    .where('receipts.state_after', 'is not', null)
    .where('runs.manifest_id', '=', manifestId)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('units')
          .select('units.unit_key')
          .whereRef('units.source_id', '=', 'receipts.source_id')
          .whereRef('units.source_fingerprint', '=', 'receipts.sha256')
          .where('units.manifest_id', '=', manifestId)
          .where('units.table_name', '!=', QUARANTINE_TABLE)
          .where('units.state', 'in', ['committed', 'replaced']),
      ),
    )
    .orderBy('receipts.received_at', 'desc')
    .orderBy('receipts.run_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.state_after ?? null;
}

/** What a path held when it was last read, if nothing about the file has changed since. */
export async function rememberedSum(
  catalog: CatalogReader,
  { path, stat }: { path: string; stat: FileStat },
): Promise<{ readonly sha256: string; readonly readAt: string | null } | null> {
  const row = await catalog
    .selectFrom('source_stats')
    .selectAll()
    .where('path', '=', path)
    .executeTakeFirst();
  const same =
    row !== undefined &&
    row.size_bytes === stat.sizeBytes &&
    row.mtime_ns === stat.mtimeNs &&
    row.inode === stat.inode;
  return same ? { sha256: row.sha256, readAt: row.read_at } : null;
}

/** `readAt` is when its reading began: what changes a file later is seen by its time, unless that is too near. */
export async function rememberSum(
  catalog: CatalogReader,
  { path, stat, sha256, readAt }: { path: string; stat: FileStat; sha256: string; readAt: string },
): Promise<void> {
  const { sizeBytes, mtimeNs, inode } = stat;
  const row = { size_bytes: sizeBytes, mtime_ns: mtimeNs, inode, sha256, read_at: readAt };
  await catalog
    .insertInto('source_stats')
    .values({ path, ...row })
    .onConflict((conflict) => conflict.column('path').doUpdateSet(row))
    .execute();
}
