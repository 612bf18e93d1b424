import type { CatalogReader } from '../catalog/catalog.ts';
import { findTable } from '../catalog/iceberg-tables.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';

/** What to verify; nothing named means everything. */
export interface VerifyQuery {
  /** A run (or the beginning of its id), a batch, a manifest, a source or a table. */
  readonly target?: string;
  readonly manifestId?: string;
  readonly batchId?: string;
  readonly table?: string;
}

export interface BatchName {
  readonly manifestId: string;
  readonly batchId: string;
}

/** Null: all of them. */
export interface Scope {
  readonly batches: readonly BatchName[] | null;
  readonly table: string | null;
  /** Manifests all of whose batches are named. */
  readonly manifests: readonly string[];
}

export function isWhole({ batches, table }: Scope): boolean {
  return batches === null && table === null;
}

export function inScope(
  { batches, table }: Scope,
  of: { manifestId: string | null; batchId: string | null; table?: string | null },
): boolean {
  const batch =
    batches === null ||
    batches.some(({ manifestId, batchId }) => manifestId === of.manifestId && batchId === of.batchId);
  return batch && (table === null || of.table === undefined || of.table === table);
}

/** @throws ConfigurationError not_found */
export async function scopeOf(catalog: CatalogReader, query: VerifyQuery): Promise<Scope> {
  const { target, manifestId, batchId } = query;
  const named = (query.table ?? target)?.replace(/^bronze\./, '');
  const table = named !== undefined && (await findTable(catalog, named)) !== null ? named : null;
  if (query.table !== undefined && table === null) throw notFound(`table ${query.table}`);
  const byTarget = target !== undefined && (query.table !== undefined || table === null);
  if (!byTarget && manifestId === undefined && batchId === undefined)
    return { batches: null, table, manifests: [] };
  let select = catalog.selectFrom('batches').select(['manifest_id', 'batch_id']);
  if (manifestId !== undefined) select = select.where('manifest_id', '=', manifestId);
  if (batchId !== undefined) select = select.where('batch_id', '=', batchId);
  if (byTarget) {
    select = select.where((eb) => {
      const runs = eb
        .selectFrom('runs')
        .select('run_id')
        .whereRef('runs.manifest_id', '=', 'batches.manifest_id')
        .whereRef('runs.batch_id', '=', 'batches.batch_id')
        .where('run_id', '>=', target)
        .where('run_id', '<', `${target}~`);
      const units = eb
        .selectFrom('units')
        .select('unit_key')
        .where('units.source_id', '=', target)
        .whereRef('units.manifest_id', '=', 'batches.manifest_id')
        .whereRef('units.batch_id', '=', 'batches.batch_id');
      return eb.or([
        eb('batch_id', '=', target),
        eb('manifest_id', '=', target),
        ...(target.length >= RUN_BEGINNING_MIN ? [eb.exists(runs)] : []),
        eb.exists(units),
      ]);
    });
  }
  const rows = await select.orderBy('manifest_id').orderBy('batch_id').execute();
  if (rows.length === 0) throw notFound([target, manifestId, batchId].filter(Boolean).join(' '));
  const batches = rows.map((row) => ({ manifestId: row.manifest_id, batchId: row.batch_id }));
  return { batches, table, manifests: await wholeManifests(catalog, batches) };
}

async function wholeManifests(catalog: CatalogReader, named: readonly BatchName[]): Promise<string[]> {
  const whole: string[] = [];
  for (const [manifestId, batches] of Map.groupBy(named, (batch) => batch.manifestId)) {
    const row = await catalog
      .selectFrom('batches')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('manifest_id', '=', manifestId)
      .executeTakeFirstOrThrow();
    if (Number(row.count) === batches.length) whole.push(manifestId);
  }
  return whole;
}

/** Characters of a run's id that are enough to mean it. */
const RUN_BEGINNING_MIN = 8;

function notFound(what: string): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.not_found,
    message: `Nothing that was ever run answers to ${what}: neither run, batch, manifest, source nor table has that name.`,
    next: 'tidemark status',
  });
}
