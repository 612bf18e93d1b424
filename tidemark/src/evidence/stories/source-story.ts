import type { CatalogReader } from '../../catalog/catalog.ts';
import type { AssetResult } from '../asset-result.ts';
import { describeRecords } from './describe-tally.ts';
import { counted, type Fact, facts, related, type Story } from './story.ts';

/** Runs of a source that are listed, the newest ones. */
const RUNS_MAX = 20;
/** Runs of a source that are looked at for the manifests that declare it. */
const TAKINGS_MAX = 500;
/** Checkpoints told, the latest ones: there is one for every batch. */
const CHECKPOINTS_MAX = 20;

interface Taking {
  readonly runId: string;
  readonly manifestId: string;
  readonly batchId: string;
  readonly startedAt: string;
  /** Null while the run goes on, or when it died. */
  readonly outcome: string | null;
}

/** A declared source, one story for each manifest that declares it. */
export async function sourceStories(catalog: CatalogReader, sourceId: string): Promise<Story[]> {
  const byManifest = Map.groupBy(await takingsOf(catalog, sourceId), ({ manifestId }) => manifestId);
  const stories: Story[] = [];
  for (const takings of byManifest.values()) stories.push(await sourceStory(catalog, { sourceId, takings }));
  return stories;
}

/** The latest ones, newest first: runs that told how it ended, and runs that have only received it so far. */
async function takingsOf(catalog: CatalogReader, sourceId: string): Promise<Taking[]> {
  const columns = ['runs.run_id', 'runs.manifest_id', 'runs.batch_id', 'runs.started_at'] as const;
  const ended = await catalog
    .selectFrom('run_assets')
    .innerJoin('runs', 'runs.run_id', 'run_assets.run_id')
    .select([...columns, 'run_assets.outcome'])
    .where('run_assets.source_id', '=', sourceId)
    .orderBy('run_assets.run_id', 'desc')
    .limit(TAKINGS_MAX)
    .execute();
  const received = await catalog
    .selectFrom('receipts')
    .innerJoin('runs', 'runs.run_id', 'receipts.run_id')
    .select([...columns])
    .where('receipts.source_id', '=', sourceId)
    .where('receipts.role', '=', 'asset')
    .orderBy('receipts.run_id', 'desc')
    .limit(TAKINGS_MAX)
    .execute();
  const told = new Set(ended.map(({ run_id }) => run_id));
  const open = received.filter(({ run_id }) => !told.has(run_id)).map((row) => ({ ...row, outcome: null }));
  return [...ended, ...open]
    .map((row) => ({
      runId: row.run_id,
      manifestId: row.manifest_id,
      batchId: row.batch_id,
      startedAt: row.started_at,
      outcome: row.outcome,
    }))
    .sort((a, b) => (a.runId < b.runId ? 1 : -1));
}

async function sourceStory(
  catalog: CatalogReader,
  { sourceId, takings }: { sourceId: string; takings: readonly Taking[] },
): Promise<Story> {
  const last = takings.find(({ outcome }) => outcome !== null) ?? null;
  const asset = last === null ? null : await assetOf(catalog, { runId: last.runId, sourceId });
  const manifestId = takings[0]?.manifestId ?? '';
  const left = (await runsOf(catalog, sourceId)) - RUNS_MAX;
  const state = last?.outcome?.replaceAll('_', ' ') ?? 'received, its run has not ended';
  return {
    kind: 'source',
    title: `source ${sourceId} of ${manifestId}: ${state}`,
    facts: [
      ...(asset === null ? [] : assetFacts(asset)),
      ...(await progressFacts(catalog, { sourceId, manifestId })),
      ...(left > 0 ? [{ label: 'earlier runs', value: `${left} more` }] : []),
    ],
    related: [
      ...related({
        manifest: manifestId,
        batch: takings[0]?.batchId,
        content: asset?.sourceFingerprint,
        unit: asset?.unitKey,
        'committed by': asset?.committedBy,
        contract: asset?.contractRef,
      }),
      ...takings.slice(0, RUNS_MAX).map((taking) => ({
        label: taking.outcome?.replaceAll('_', ' ') ?? 'not ended',
        value: `run ${taking.runId}, batch ${taking.batchId} (${taking.startedAt})`,
        query: taking.runId,
      })),
    ],
    next: asset?.next ?? null,
  };
}

async function runsOf(catalog: CatalogReader, sourceId: string): Promise<number> {
  const { count } = await catalog
    .selectFrom('run_assets')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('source_id', '=', sourceId)
    .executeTakeFirstOrThrow();
  return count;
}

async function assetOf(
  catalog: CatalogReader,
  { runId, sourceId }: { runId: string; sourceId: string },
): Promise<AssetResult | null> {
  const row = await catalog
    .selectFrom('run_assets')
    .select('detail')
    .where('run_id', '=', runId)
    .where('source_id', '=', sourceId)
    .executeTakeFirst();
  return row === undefined ? null : (JSON.parse(row.detail) as AssetResult);
}

function assetFacts(asset: AssetResult): Fact[] {
  return [
    ...facts({
      'declared path': asset.declaredPath,
      'asset type': asset.assetType,
      judgement: asset.judgement,
      table: asset.table && `bronze.${asset.table}`,
      'SHA-256': asset.sourceFingerprint,
      size: asset.sizeBytes === null ? null : `${asset.sizeBytes} bytes`,
      'media type': asset.mediaType,
      records: asset.records && describeRecords(asset.records),
    }),
    ...asset.findings.map((finding) => ({
      label: finding.rule,
      value: `${finding.message} Expected: ${finding.expected}. Received: ${finding.received}.`,
    })),
    ...asset.reasons.map(({ rule, message, judgement }) => ({
      label: rule,
      value: `${message} (${judgement})`,
    })),
    ...facts({ note: asset.note }),
  ];
}

async function progressFacts(
  catalog: CatalogReader,
  { sourceId, manifestId }: { sourceId: string; manifestId: string },
): Promise<Fact[]> {
  const checkpoints = await catalog
    .selectFrom('checkpoints')
    .selectAll()
    .where('manifest_id', '=', manifestId)
    .where('source_id', '=', sourceId)
    .orderBy('updated_at', 'desc')
    .limit(CHECKPOINTS_MAX)
    .execute();
  const cursors = await catalog.selectFrom('cursors').selectAll().where('source_id', '=', sourceId).execute();
  const watermarks = await catalog
    .selectFrom('watermarks')
    .selectAll()
    .where('source_id', '=', sourceId)
    .execute();
  return [
    ...checkpoints.reverse().map((row) => ({
      label: 'checkpoint',
      value: `${counted(row.records, 'record')} of batch ${row.batch_id} (${row.updated_at})`,
    })),
    ...cursors.map((row) => ({
      label: 'cursor',
      value: `${row.cursor_field} ${row.value} in bronze.${row.table_name}, set by run ${row.run_id}`,
    })),
    ...watermarks.map((row) => ({
      label: 'watermark',
      value: `${row.field} ${row.value} in bronze.${row.table_name}, set by run ${row.run_id}`,
    })),
  ];
}
