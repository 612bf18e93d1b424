import { countLate, type LateRecords } from '../bronze/count-late.ts';
import { decodeUnit, type PreparedFiles } from '../bronze/prepared-unit.ts';
import { pathOf } from '../bronze/table-io.ts';
import { findCursor } from '../catalog/progress.ts';
import { latestUnitsOf } from '../catalog/units.ts';
import type { Contract } from '../contract/contract.ts';
import type { AssetResult } from '../evidence/asset-result.ts';
import { shellWord } from '../evidence/next-command.ts';
import { settingsOf } from '../model/manifest-settings.ts';
import { type Census, gapsBehind } from '../progress/census.ts';
import { lookedBack } from '../progress/lookback.ts';
import { orderOfField } from '../refine/record-window.ts';
import { queryCommand } from '../source/relation/query-command.ts';
import { isRelationLocation, parseRelationLocation } from '../source/relation/relation-location.ts';
import type { FixedInterval } from '../source/row-source.ts';
import { isTableLocation, parseTableLocation } from '../source/sqlite-table/table-location.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import { relationOf } from './read-relation.ts';
import type { RunContext } from './run-context.ts';

/** Intervals told of one source in one run; neighbouring windows are one. */
const GAPS_MAX = 50;

/** Units of a source that are gone back through for a census. */
const UNITS_MAX = 20;

/** Rows of a source by window, as far as they have been read; null where it was never counted. */
export async function knownCensus(
  { engine }: Pick<RunContext, 'engine'>,
  source: { table: string; sourceId: string },
): Promise<Census | null> {
  for (const text of await latestUnitsOf(engine.catalog, { ...source, limit: UNITS_MAX })) {
    const { census } = decodeUnit(text);
    if (census !== undefined) return census;
  }
  return null;
}

/**
 * What a table holds behind where this run began to read it, and no reading has brought. Files have no such thing: they
 * are read whole, so what comes late in them is in the table, and counted.
 */
export async function gapsOf(
  run: Pick<RunContext, 'engine' | 'manifest'>,
  { declared, interval }: { declared: DeclaredAsset; interval: FixedInterval | null },
): Promise<Pick<AssetResult, 'gaps'>> {
  const { contract, window, file } = declared;
  const startAt = window?.startAt ?? null;
  if (interval?.census == null || contract === null || window === null || startAt === null) return {};
  const known = await knownCensus(run, { table: contract.traits.table, sourceId: file.sourceId });
  const { field } = window;
  const asked = queryOf(run.engine, { declared: file.declaredPath, field });
  if (known === null || asked === null) return {};
  const wantedFrom = run.manifest.selection_window?.cursor_start ?? null;
  const found = gapsBehind({ now: interval.census.now, known, startAt, wantedFrom });
  if (found.length === 0) return {};
  return { gaps: found.slice(0, GAPS_MAX).map((gap) => ({ ...gap, field, query: asked(gap) })) };
}

/** The command by which a person looks at an interval in the source itself; null where it has none. */
function queryOf(
  engine: Pick<RunContext['engine'], 'root' | 'connections'>,
  { declared, field }: { declared: string; field: string },
): ((interval: { from: string; to: string }) => string) | null {
  const between = (name: string, { from, to }: { from: string; to: string }) =>
    `WHERE ${name} >= '${from}' AND ${name} < '${to}'`;
  if (isTableLocation(declared)) {
    const location = parseTableLocation(declared);
    if (typeof location === 'string') return null;
    const name = (text: string) => `"${text.replaceAll('"', '""')}"`;
    return (gap) =>
      `sqlite3 -readonly ${shellWord(location.path)} ${shellWord(`SELECT * FROM ${name(location.table)} ${between(name(field), gap)}`)}`;
  }
  const location = isRelationLocation(declared) ? parseRelationLocation(declared) : null;
  if (location === null || typeof location === 'string') return null;
  const found = relationOf(engine, location);
  if ('kind' in found) return null;
  return (gap) =>
    queryCommand(found, (name) => between(name(field), gap))
      .map(shellWord)
      .join(' ');
}

/** How many of a unit's rows are late; null where there was no cursor for them to be behind of. */
export async function lateOf(
  run: Pick<RunContext, 'engine' | 'manifest' | 'openEngine'>,
  {
    declared,
    contract,
    files,
  }: { declared: DeclaredAsset; contract: Contract; files: readonly PreparedFiles[] },
): Promise<LateRecords | null> {
  const { window, file } = declared;
  if (window === null) return null;
  const { field } = window;
  const { table } = contract.traits;
  const stored = await findCursor(run.engine.catalog, { table, sourceId: file.sourceId, field });
  const column = contract.columns.find(({ property }) => property === field);
  const order = orderOfField({ field, contract });
  if (stored === null || column === undefined || order === null) return null;
  const { lookback } = settingsOf(run.engine.manifestSettings, run.manifest);
  const cursor = stored.value;
  const cursorKey = order.keyOf(cursor);
  const backKey = order.keyOf(lookedBack(cursor, lookback) ?? cursor);
  const { kind: type } = column.type;
  const counts =
    type === 'timestamptz' || type === 'date' || type === 'long' || type === 'double' || type === 'string';
  if (cursorKey === null || backKey === null || !counts) return null;
  const own = files.flatMap((entry) => (entry.table === table ? entry.files : []));
  const counted = await countLate(run.openEngine, {
    files: own.map(({ uri }) => pathOf(uri)),
    column: column.name,
    type,
    cursorKey: String(cursorKey),
    backKey: String(backKey),
  });
  return { field, cursor, ...counted };
}
