import { join } from 'node:path';
import { keeperSearch } from '../bronze/keeper-files.ts';
import { openTable } from '../bronze/open-table.ts';
import { encodeUnit, type PreparedUnit, quarantinedDigest } from '../bronze/prepared-unit.ts';
import { contractTable, REJECTS, SKIPS, type TableDefinition } from '../bronze/table-definitions.ts';
import { type UnitTables, UnitWriting, type WrittenUnit } from '../bronze/write-unit.ts';
import { recordPreparedUnit } from '../catalog/units.ts';
import type { Contract } from '../contract/contract.ts';
import { lostKeepers } from '../evidence/lost-keepers.ts';
import { makeFolder } from '../landing/durable-files.ts';
import { objectKey } from '../landing/home.ts';
import { readCensus } from '../progress/census.ts';
import type { RecordWindow, RefinedStretch, RefinedUnit } from '../refine/refined.ts';
import { knownCensus, lateOf } from './behind-cursor.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import { leftPrepared } from './left-prepared.ts';
import { prepareDecision } from './prepare-decision.ts';
import { refineUnit } from './refine-unit.ts';
import { resultOf } from './result-of.ts';
import type { AdmittedBytes, AssetWork, RunContext } from './run-context.ts';
import { filesByTable, replacesUnit } from './run-purpose.ts';

/** 576 MiB by default: what DuckDB may have, and half as much for the rest of the process. */
const HELD_PER_DUCKDB_MEMORY = 1.5;

interface UnitRequest {
  readonly declared: DeclaredAsset;
  readonly contract: Contract;
  readonly bytes: AdmittedBytes;
  readonly key: string;
  /** Assets before this one in the manifest. */
  readonly earlier: readonly AssetWork[];
}

/** Refines one admitted asset from its raw bytes and writes its data files; a prepared unit left by an earlier run is used again. */
export async function prepareUnit(run: RunContext, request: UnitRequest): Promise<AssetWork> {
  const { engine } = run;
  const { declared, contract, bytes, key } = request;
  const tables = await openUnitTables(run, contract);
  const origin = {
    unitKey: key,
    batchMates: [...batchMates(request), ...run.purpose.replaces.map(({ unitKey }) => `-${unitKey}`)],
    manifestHash: declared.form === 'row' ? run.declared.contentHash : null,
  };
  const left = await leftPrepared(run, { ...origin, tables: Object.values(tables) });
  if (left !== null) {
    const result = resultOf(declared, { ...ready({ bytes, unit: left }), reused: 'prepared_unit' });
    return { declared, result, unit: left, landed: bytes };
  }
  const scratchDir = join(engine.home.scratchDir(run.runId), key.slice(0, 16));
  await makeFolder(scratchDir);
  const anchors = {
    manifestId: run.manifest.manifest_id,
    batchId: run.batchId,
    runId: run.runId,
    sourceFingerprint: bytes.asset.sha256,
    traceId: run.traceId,
  };
  await using writing = new UnitWriting(run.openEngine, {
    tables,
    anchors,
    unitKey: key,
    sourceId: declared.file.sourceId,
    contract,
    keeperFiles: declared.form === 'records' ? keepersOf(run, { ...request, tables }) : null,
    payloadRef: objectKey('raw', bytes.asset.sha256),
    ingestedAt: run.startedAt,
    scratchDir,
    copiesAtOnce: engine.limits.duckdbThreads,
    heldBytesMax: HELD_PER_DUCKDB_MEMORY * engine.limits.duckdbMemoryBytes,
  });
  const onStretch = (stretch: RefinedStretch) => writing.take(stretch);
  const refined = await refineUnit(run, { ...request, scratchDir, onStretch });
  if (refined.kind === 'mismatch') {
    return await prepareDecision(run, {
      declared,
      disposition: 'refused',
      findings: refined.findings,
      bytes: bytes.asset,
    });
  }
  await engine.reached('unit_refined');
  const written = await writing.finish(refined.refined);
  const unit = await asPrepared(run, { ...request, ...refined, written, tables, origin });
  await engine.reached('data_files_written');
  await recordPreparedUnit(engine.catalog, {
    unitKey: key,
    manifestId: run.manifest.manifest_id,
    batchId: run.batchId,
    tableName: unit.table,
    sourceId: unit.sourceId,
    split: unit.split ?? '',
    sourceFingerprint: unit.sourceFingerprint,
    window: unit.window,
    contractHash: unit.contractHash,
    preparedBy: run.runId,
    preparedAt: engine.clock.now().toISOString(),
    prepared: encodeUnit(unit),
  });
  await engine.reached('unit_prepared');
  return { declared, result: resultOf(declared, ready({ bytes, unit })), unit, landed: bytes };
}

/** Not committed yet; the commit turns it into `committed`, a blocked batch into `failed`. */
function ready({ bytes, unit }: { bytes: AdmittedBytes; unit: PreparedUnit }) {
  const { unitKey, tally, late, withoutCursor } = unit;
  const came = late !== undefined && late.within + late.behind > 0 ? { late } : {};
  const without = withoutCursor === undefined ? {} : { withoutCursor };
  return { outcome: 'committed' as const, bytes: bytes.asset, unitKey, records: tally, ...came, ...without };
}

/**
 * Units that this one's records were, or would be, compared with inside the batch. A unit that was prepared beside
 * others may have dropped records as duplicates of theirs, so it is of use only beside the same ones. The same holds for
 * units that a replacement takes out: a record was not compared with theirs.
 */
function batchMates({ contract, earlier }: UnitRequest): string[] {
  return earlier.flatMap(({ unit }) =>
    unit?.table === contract.traits.table && unit.deduplicates ? [`${unit.unitKey}@${unit.preparedBy}`] : [],
  );
}

function outgoing(run: RunContext, contract: Contract): ReadonlySet<string> {
  return filesByTable(run.purpose.replaces).get(contract.traits.table) ?? new Set();
}

export async function openUnitTables(
  run: Pick<RunContext, 'engine'>,
  contract: Contract,
): Promise<UnitTables> {
  const open = async (definition: TableDefinition) =>
    await openTable({
      catalog: run.engine.catalog,
      home: run.engine.home,
      definition,
      partitionBy: run.engine.partitionBy[definition.name] ?? [],
      now: run.engine.clock.now(),
    });
  return {
    bronze: await open(contractTable(contract)),
    rejects: await open(REJECTS),
    skips: await open(SKIPS),
  };
}

/** Where records equal to the unit's may be: in the table, in earlier assets of the batch, in what stands for lost files. */
function keepersOf(
  run: RunContext,
  request: UnitRequest & { tables: UnitTables },
): (of: RefinedStretch) => Promise<string[]> {
  const { contract, key, tables } = request;
  const find = keeperSearch({
    ...request,
    table: tables.bronze,
    without: outgoing(run, contract),
    lost: lostKeepers(run.engine.catalog, { of: replacesUnit(run.purpose, key) ? key : null }),
  });
  const standIns = run.purpose.standIns.get(contract.traits.table) ?? [];
  return async (of) => [...(await find(of)), ...standIns];
}

async function asPrepared(
  run: RunContext,
  request: UnitRequest & {
    refined: RefinedUnit;
    observed: Record<string, unknown>;
    written: WrittenUnit;
    tables: UnitTables;
    origin: Pick<PreparedUnit, 'unitKey' | 'batchMates' | 'manifestHash'>;
  },
): Promise<PreparedUnit> {
  const { declared, contract, bytes, refined, written, tables } = request;
  const deduplicates = declared.form === 'records';
  const { tally } = refined;
  return {
    ...request.origin,
    table: contract.traits.table,
    sourceId: declared.file.sourceId,
    ...(declared.file.split !== '' && { split: declared.file.split }),
    sourceFingerprint: bytes.asset.sha256,
    window: declared.windowKey,
    recordWindow: windowRead(request),
    contractRef: contract.ref,
    contractHash: contract.hash,
    preparedBy: run.runId,
    files: written.files,
    tally: { ...tally, accepted: tally.accepted - written.duplicates, duplicate: written.duplicates },
    digests: {
      read: refined.read,
      accepted: written.entered,
      duplicate: written.duplicate,
      out_of_window: refined.outOfWindow,
      rejected: refined.rejected,
      ...quarantinedDigest(refined.quarantined),
    },
    dedupedAgainst: tables.bronze.headSnapshotId,
    deduplicates,
    eventTime: refined.eventTime,
    cursor: cursorOf(run, { declared, refined, bytes }),
    watermark: watermarkOf({ contract, refined }),
    ...(deduplicates && { observedSchema: written.observed }),
    ...(await behindCursor(run, { ...request, files: written.files })),
    ...withoutCursorOf(request),
    observed: request.observed,
  };
}

function withoutCursorOf({
  declared: { window },
  refined: { withoutCursor: records },
}: {
  declared: DeclaredAsset;
  refined: RefinedUnit;
}): Pick<PreparedUnit, 'withoutCursor'> {
  if (window === null || records === 0) return {};
  return { withoutCursor: { field: window.field, policy: window.nullCursor ?? 'reject', records } };
}

/** Where the unit stands to what was read of its source before. */
async function behindCursor(
  run: RunContext,
  { declared, contract, bytes, files }: UnitRequest & { files: PreparedUnit['files'] },
): Promise<Pick<PreparedUnit, 'late' | 'census'>> {
  const late = run.purpose.movesProgress ? await lateOf(run, { declared, contract, files }) : null;
  const { census = null } = bytes.asset.interval ?? {};
  const source = { table: contract.traits.table, sourceId: declared.file.sourceId };
  return {
    ...(late !== null && { late }),
    ...(census !== null && { census: readCensus({ ...census, known: await knownCensus(run, source) }) }),
  };
}

/** Of a source that sorts, with where the reading ended. */
function windowRead({ declared: { window }, bytes }: UnitRequest): RecordWindow | null {
  const { interval = null } = bytes.asset;
  return window === null || interval === null ? window : { ...window, through: interval.through };
}

/** Where the next incremental read begins: the declared end of an interval that is finished, else the greatest value seen. */
function cursorOf(
  run: RunContext,
  { declared, refined, bytes }: Pick<UnitRequest, 'declared' | 'bytes'> & { refined: RefinedUnit },
) {
  if (declared.window === null) return null;
  const end = bytes.asset.interval?.endsEarly === true ? null : run.manifest.selection_window?.cursor_end;
  const value = end ?? refined.cursorMax;
  return value === null
    ? null
    : { field: declared.window.field, value, location: declared.admission.asset.source_url_or_path };
}

/** The latest event time that this unit holds; how much of that is acknowledged as complete is for the commit to say. */
function watermarkOf({ contract, refined }: { contract: Contract; refined: RefinedUnit }) {
  const field = contract.traits.eventTime;
  return field === null || refined.eventTime === null ? null : { field, value: refined.eventTime.max };
}
