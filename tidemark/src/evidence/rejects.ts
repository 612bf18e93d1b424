import { type DataEngine, type Row, sqlList, sqlText } from '../bronze/data-engine.ts';
import { decodeUnit } from '../bronze/prepared-unit.ts';
import { pathOf } from '../bronze/table-io.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { findRun } from '../catalog/runs.ts';
import { findPreparedUnit } from '../catalog/units.ts';
import type { Violation } from '../contract/contract.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { REJECTS_TABLE } from '../model/table-names.ts';
import type { Archive } from './archive.ts';
import { unitResults } from './asset-result.ts';
import { liveFilesOf, type PlacedFile } from './live-files.ts';
import { PayloadReader } from './payload.ts';
import { readableText } from './readable-text.ts';
import { openReadingEngine, streamFiles } from './reading-engine.ts';
import type { RunReport } from './run-report.ts';

/** Which rejections; those that fit everything given. */
export interface RejectsQuery {
  /** The run that produced them, or the run that committed them. */
  readonly runId?: string;
  readonly batchId?: string;
  readonly manifestId?: string;
  readonly sourceId?: string;
  /** A rule that any of the record's violations broke. */
  readonly rule?: string;
  /** At most so many; without it all of them. */
  readonly limit?: number;
  /** Reads the rejected bytes too. */
  readonly withPayload?: boolean;
}

/** One record that broke its contract, as its row of the rejects table tells. */
export interface RejectRow {
  /** Of the first violation, as are pointer, expected and received. */
  readonly rule: string;
  readonly pointer: string;
  readonly expected: string;
  readonly received: string;
  readonly violations: readonly Violation[];
  /** 1-based line in the source; null for a one-row asset. */
  readonly line: number | null;
  /** Byte offset in the raw object; null for a one-row asset. */
  readonly offset: number | null;
  /** Bytes of the payload; null for a one-row asset. */
  readonly length: number | null;
  readonly fingerprint: string;
  readonly manifestId: string;
  readonly batchId: string;
  /** The run that produced the row. */
  readonly runId: string;
  readonly traceId: string;
  readonly sourceId: string;
  readonly sourceFingerprint: string;
  readonly unitKey: string;
  /** The table it would have entered. */
  readonly table: string;
  readonly contractRef: string;
  readonly contractHash: string;
  /** Where its bytes are, below the home. */
  readonly payloadRef: string;
  /** Null unless asked for. */
  readonly payload: ShownPayload | null;
}

export type ShownPayload =
  | {
      readonly kind: 'read';
      /** Illegal UTF-8 and control characters as `\xNN`. */
      readonly text: string;
      readonly escaped: boolean;
      /** Bytes beyond `limits.lineBytesMax`, left out. */
      readonly omittedBytes: number;
    }
  | { readonly kind: 'unavailable'; readonly reason: string };

/**
 * The rejections in the tables, newest commit first, then by source and line, one at a time: nothing is capped and
 * memory is flat. Stopping early reads no further commit.
 * @throws ConfigurationError not_found for a run, manifest or batch that the catalog does not know; InvariantError table_file_unreadable
 */
export async function* readRejects(archive: Archive, query: RejectsQuery): AsyncGenerator<RejectRow> {
  await refuseUnknown(archive.catalog, query);
  const withheld = await withheldFiles(archive.catalog, query);
  const { runId: _, ...ofAnyRun } = query;
  const where = await conditions(archive, withheld.length > 0 ? ofAnyRun : query);
  const commits =
    withheld.length > 0 ? [withheld] : newestFirst(await liveFilesOf(archive.catalog, REJECTS_TABLE));
  if (commits.length === 0) return;
  await using engine = await openReadingEngine(archive.limits);
  await using payloads = new PayloadReader(archive);
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  for (const paths of commits) {
    for await (const row of rejectsIn(engine, { paths, where })) {
      archive.signal.throwIfAborted();
      if (left <= 0) return;
      left -= 1;
      const reject = asReject(row);
      yield query.withPayload ? { ...reject, payload: await showPayload(payloads, reject) } : reject;
    }
    if (left <= 0) return;
  }
}

/** Rows of the rejects table in the order of source and line. */
export function rejectsIn(
  engine: DataEngine,
  { paths, where }: { paths: readonly string[]; where: readonly string[] },
): AsyncGenerator<Row> {
  const filter = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
  const sql = `SELECT * FROM read_parquet(${sqlList(paths)}, union_by_name = true) ${filter}
    ORDER BY source_id, unit_key, record_line NULLS FIRST`;
  return streamFiles(engine, { sql, paths });
}

async function conditions({ catalog }: Archive, query: RejectsQuery): Promise<string[]> {
  const where: string[] = [];
  const equal = (column: string, value: string | undefined) => {
    if (value !== undefined) where.push(`${column} = ${sqlText(value)}`);
  };
  equal('batch_id', query.batchId);
  equal('manifest_id', query.manifestId);
  equal('source_id', query.sourceId);
  if (query.rule !== undefined) {
    where.push(`len(list_filter(violations, lambda v: v.rule = ${sqlText(query.rule)})) > 0`);
  }
  if (query.runId !== undefined) {
    // A run that commits what an interrupted one prepared answers for these rows too.
    const units = await unitKeysCommittedBy(catalog, query.runId);
    const committed = units.length === 0 ? '' : ` OR list_contains(${sqlList(units)}, unit_key)`;
    where.push(`(run_id = ${sqlText(query.runId)}${committed})`);
  }
  return where;
}

async function unitKeysCommittedBy(catalog: CatalogReader, runId: string): Promise<string[]> {
  const rows = await catalog
    .selectFrom('units')
    .select('unit_key')
    .where('committed_by', '=', runId)
    .where('state', '=', 'committed')
    .execute();
  return rows.map((row) => row.unit_key);
}

/** A name that was mistyped has no rejections either, and must not look like one that is well. */
async function refuseUnknown(catalog: CatalogReader, { runId, manifestId, batchId }: RejectsQuery) {
  const refuse = (what: string) =>
    new ConfigurationError({
      code: ERROR_CODES.not_found,
      message: `The catalog has no ${what}.`,
      next: 'tidemark status',
    });
  if (runId !== undefined && (await findRun(catalog, runId)) === null) throw refuse(`run ${runId}`);
  const hasBatch = async (column: 'manifest_id' | 'batch_id', value: string) =>
    (await catalog.selectFrom('batches').select('batch_id').where(column, '=', value).limit(1).execute())
      .length > 0;
  if (manifestId !== undefined && !(await hasBatch('manifest_id', manifestId)))
    throw refuse(`manifest ${manifestId}`);
  if (batchId !== undefined && !(await hasBatch('batch_id', batchId))) throw refuse(`batch ${batchId}`);
}

/** What a withheld run rejected is in no table: it is in the files that it prepared, until they are committed. */
async function withheldFiles(catalog: CatalogReader, { runId }: RejectsQuery): Promise<string[]> {
  const run = runId === undefined ? null : await findRun(catalog, runId);
  if (run?.state !== 'withheld' || run.result === null) return [];
  const { assets, manifestId, batchId } = JSON.parse(run.result) as RunReport;
  const keys = new Set(assets.flatMap(unitResults).flatMap(({ unitKey }) => unitKey ?? []));
  const prepared: string[] = [];
  for (const unitKey of keys) {
    const unit = await findPreparedUnit(catalog, { unitKey, manifestId, batchId });
    if (unit !== null) prepared.push(unit);
  }
  return prepared
    .flatMap((unit) => decodeUnit(unit).files)
    .flatMap(({ table, files }) => (table === REJECTS_TABLE ? files.map(({ uri }) => pathOf(uri)) : []));
}

/** Files of one commit each, the newest commit first. */
function newestFirst(files: readonly PlacedFile[]): string[][] {
  const commits = Map.groupBy(files, (file) => file.sequenceNumber);
  return [...commits].sort(([a], [b]) => b - a).map(([, group]) => group.map((file) => file.path).sort());
}

export function asReject(row: Row): RejectRow {
  const text = (name: string) => String(row[name] ?? '');
  const count = (name: string) => (row[name] === null ? null : Number(row[name]));
  return {
    rule: text('rule'),
    pointer: text('pointer'),
    expected: text('expected'),
    received: text('received'),
    violations: row.violations as readonly Violation[],
    line: count('record_line'),
    offset: count('record_offset'),
    length: count('record_length'),
    fingerprint: text('record_fingerprint'),
    manifestId: text('manifest_id'),
    batchId: text('batch_id'),
    runId: text('run_id'),
    traceId: text('trace_id'),
    sourceId: text('source_id'),
    sourceFingerprint: text('source_fingerprint'),
    unitKey: text('unit_key'),
    table: text('table_name'),
    contractRef: text('contract_ref'),
    contractHash: text('contract_hash'),
    payloadRef: text('payload_ref'),
    payload: null,
  };
}

/** The rejected bytes as text that can be shown. */
export async function showPayload(payloads: PayloadReader, reject: RejectRow): Promise<ShownPayload> {
  const { payloadRef: ref, unitKey, offset, length } = reject;
  if (offset === null || length === null) {
    return { kind: 'unavailable', reason: 'the row was made from the declaration and the asset as a whole' };
  }
  const payload = await payloads.read({ ref, unitKey, offset, length });
  if (payload.kind === 'unavailable') return payload;
  return { kind: 'read', ...readableText(payload.bytes), omittedBytes: payload.omittedBytes };
}
