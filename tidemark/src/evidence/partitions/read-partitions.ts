import type { CatalogReader } from '../../catalog/catalog.ts';
import {
  type CoveringRow,
  coverageRange,
  coveringUnits,
  failedWindows,
  firstCovered,
  knownManifests,
  latestCommit,
  latestForwardRun,
  reachOf,
  turnedAwayBy,
} from '../../catalog/partition-facts.ts';
import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import type { AssetType, SourceManifest } from '../../manifest/source-manifest.ts';
import { DAY_MS } from '../../model/duration.ts';
import { type ManifestSettings, settingsOf } from '../../model/manifest-settings.ts';
import { instantMs } from '../../progress/instant.ts';
import {
  type Interval,
  latestPartitions,
  type PartitionReason,
  type PartitionState,
} from '../../progress/partitions.ts';
import { settledBefore } from '../../progress/settled.ts';
import { isRecordAsset } from '../../refine/asset/asset-kind.ts';
import type { AssetResult } from '../asset-result.ts';
import { nextCommand } from '../next-command.ts';
import { judgeRow, type RowFacts } from './judge-row.ts';
import { onlyPartition } from './only-partition.ts';
import type { PartitionRow } from './partition-row.ts';
import { sortTurnedAway } from './turned-away.ts';

export interface PartitionsQuery {
  /** One manifest; default: all. */
  readonly manifestId?: string;
  /** Only partitions that this interval touches, in ms since 1970. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Only these. */
  readonly state?: PartitionState;
  /** At most so many of each manifest are looked at, the newest; by default 24, and all where only some are wanted. */
  readonly limit?: number;
}

export interface PartitionsReport {
  readonly at: string;
  readonly manifests: readonly PartitionRow[];
  /** Manifests that were not looked at: there are more than are told of at once. */
  readonly others: number;
  /** Of those that are told of. */
  readonly counts: Readonly<Record<PartitionState, number>>;
  /** The one command that goes on; null where nothing is to be done. */
  readonly next: string | null;
}

export interface PartitionsWorld {
  readonly catalog: CatalogReader;
  readonly manifestSettings: Readonly<Record<string, Partial<ManifestSettings>>>;
  readonly now: Date;
}

/** Partitions of each manifest that are told of where nobody says which: as many as a line has room for. */
const PARTITIONS_SHOWN = 24;
/** Where only some of them are wanted, all are looked at, up to these. */
export const PARTITIONS_MAX = 4000;
/** So many are told of at once. */
const MANIFESTS_MAX = 200;
/** Units, and sources turned away, that are looked at for one manifest; of units the latest. */
const UNITS_MAX = 20_000;

/** The grid manifest × partition, from the catalog alone, by indexes; manifests by id, partitions newest first. */
export async function readPartitions(
  world: PartitionsWorld,
  query: PartitionsQuery,
): Promise<PartitionsReport> {
  const { manifestId, state } = query;
  const limit = Math.min(
    query.limit ?? (state === undefined ? PARTITIONS_SHOWN : PARTITIONS_MAX),
    PARTITIONS_MAX,
  );
  const ids = manifestId === undefined ? await knownManifests(world.catalog) : [manifestId];
  const rows: PartitionRow[] = [];
  for (const id of ids.slice(0, MANIFESTS_MAX)) {
    const row = await readRow(world, { ...query, limit, manifestId: id });
    if (row !== null) rows.push(row);
    else if (id === manifestId) throw unknownManifest(id);
  }
  const counts = { missing: 0, partial: 0, stale: 0, complete: 0, verified: 0 };
  for (const partition of rows.flatMap(({ partitions }) => partitions)) counts[partition.state] += 1;
  return {
    at: world.now.toISOString(),
    others: Math.max(0, ids.length - MANIFESTS_MAX),
    manifests: state === undefined ? rows : rows.map((row) => only(row, state)),
    counts,
    next: nextFor(rows),
  };
}

function only(row: PartitionRow, state: PartitionState): PartitionRow {
  return { ...row, partitions: row.partitions.filter((partition) => partition.state === state) };
}

/** What is missing can be taken in; what was turned away, waits or failed its proof is `recover`'s to tell. */
function nextFor(rows: readonly PartitionRow[]): string | null {
  const lacking = rows.filter(({ partitions }) =>
    partitions.some(({ state, interval }) => state === 'missing' && interval !== null),
  );
  const [one, other] = lacking;
  if (one !== undefined) {
    const of = other === undefined ? ['--manifest', one.manifestId] : [];
    return nextCommand('backfill', '--partitions', 'missing', ...of);
  }
  const reasons = rows.flatMap(({ partitions }) => partitions.map(({ reason }) => reason));
  if (reasons.some((reason) => TO_MEND.has(reason))) return nextCommand('recover');
  return reasons.some((reason) => reason === 'due' || reason === 'not_proven') ? nextCommand('run') : null;
}

const TO_MEND: ReadonlySet<PartitionReason> = new Set([
  'not_covered',
  'newer_delivery',
  'source_turned_away',
  'waits_for_commit',
  'proof_failed',
]);

function unknownManifest(manifestId: string): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.not_found,
    message: `No run was ever of a manifest ${manifestId}.`,
    next: nextCommand('status'),
  });
}

async function readRow(
  { catalog, manifestSettings, now }: PartitionsWorld,
  query: PartitionsQuery & { manifestId: string; limit: number },
): Promise<PartitionRow | null> {
  const { manifestId } = query;
  const run = await latestForwardRun(catalog, manifestId);
  if (run === null) return null;
  const manifest = JSON.parse(run.body) as SourceManifest;
  const settings = settingsOf(manifestSettings, manifest);
  const window = manifest.selection_window ?? {};
  const following = manifest.load_mode === 'incremental_cursor';
  const range = await coverageRange(catalog, {
    manifestId,
    field: following ? (window.cursor_field ?? null) : null,
  });
  const turned = await turnedAwayBy(catalog, { manifestId, runId: run.runId, limit: UNITS_MAX });
  const base = { manifestId, batchId: run.batchId };
  if (range === null) {
    const commit = await latestCommit(catalog, manifestId);
    const only = onlyPartition({ run, commit, turnedAway: sortTurnedAway(turned, run.runId) });
    const inTime = query.fromMs === undefined && query.toMs === undefined;
    return { ...base, field: null, lengthMs: null, partitions: inTime ? [only] : [], older: 0 };
  }
  const { field } = range;
  const lengthMs = settings.partitionMs ?? DAY_MS;
  const declaredFrom = following ? momentIn(window.cursor_start) : null;
  const seen: Interval = {
    fromMs: Math.min(range.fromMs, declaredFrom ?? range.fromMs),
    // A window that is declared to end in the future has no partitions there yet.
    toMs: Math.min(range.toMs, Math.max(now.getTime(), range.fromMs) + 1),
  };
  const dueMs = settings.cadenceMs === null ? null : now.getTime() - settings.cadenceMs - settings.latenessMs;
  const asked: Interval = {
    fromMs: Math.max(seen.fromMs, query.fromMs ?? seen.fromMs),
    toMs: Math.min(Math.max(seen.toMs, lastDue(dueMs, lengthMs)), query.toMs ?? Number.POSITIVE_INFINITY),
  };
  const { partitions, older } = latestPartitions(asked, { lengthMs, limit: query.limit });
  const units = await coveringUnits(catalog, {
    manifestId,
    field,
    beyondMs: partitions.at(-1)?.fromMs ?? 0,
    limit: UNITS_MAX,
  });
  const facts: RowFacts = {
    units,
    following: following ? await sourcesOf(catalog, { manifest, field, units }) : null,
    settledMs: await settledOf(catalog, { manifestId, field, latenessMs: settings.latenessMs }),
    turnedAway: sortTurnedAway(turned.filter(holdsRecords), run.runId),
    failed: (await failedWindows(catalog, { manifestId, field })).map((found) => ({
      sourceId: found.sourceId,
      fromMs: momentIn(found.startAt) ?? Number.NEGATIVE_INFINITY,
      toMs: momentIn(found.endBefore) ?? Number.POSITIVE_INFINITY,
    })),
    seenMs: seen.toMs,
    dueMs,
  };
  // Older than the last unit that was looked at, nothing is known: it is counted with the others, never guessed.
  const knownFromMs = units.length < UNITS_MAX ? Number.NEGATIVE_INFINITY : (units.at(-1)?.toMs ?? 0);
  const known = partitions.filter(({ fromMs }) => fromMs >= knownFromMs);
  return {
    ...base,
    field,
    lengthMs,
    partitions: known.map((partition) => judgeRow(facts, partition)),
    older: older + partitions.length - known.length,
  };
}

/** Those that are declared now: one that was taken out of the manifest has nothing to bring any more. */
async function sourcesOf(
  catalog: CatalogReader,
  { manifest, field, units }: { manifest: SourceManifest; field: string; units: readonly CoveringRow[] },
): Promise<ReadonlyMap<string, number>> {
  const of = { manifestId: manifest.manifest_id, field };
  const declared = manifest.assets.map(({ source_id }) => source_id);
  const first = await firstCovered(catalog, { ...of, sources: declared });
  if (first.size > 0) return first;
  return await firstCovered(catalog, { ...of, sources: [...new Set(units.map(({ sourceId }) => sourceId))] });
}

/** Other assets are one row each, without a time. */
function holdsRecords({ detail }: { detail: string }): boolean {
  const { table, assetType } = JSON.parse(detail) as AssetResult;
  return isRecordAsset({ contractTable: table ?? '', assetType: assetType as AssetType });
}

/** The end of the last whole partition whose data should have come by now. */
function lastDue(dueMs: number | null, lengthMs: number): number {
  return dueMs === null ? Number.NEGATIVE_INFINITY : Math.floor(dueMs / lengthMs) * lengthMs;
}

function momentIn(text: string | null | undefined): number | null {
  return text ? instantMs(text) : null;
}

async function settledOf(
  catalog: CatalogReader,
  { latenessMs, ...of }: { manifestId: string; field: string; latenessMs: number },
): Promise<Map<string, number>> {
  const settled = new Map<string, number>();
  for (const { sourceId, kind, value } of await reachOf(catalog, of)) {
    const at = instantMs(kind === 'cursor' ? settledBefore(value, latenessMs) : value);
    if (at !== null) settled.set(sourceId, Math.max(at, settled.get(sourceId) ?? at));
  }
  return settled;
}
