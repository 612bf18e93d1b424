import { mayMeet } from '../bronze/collisions/column-extent.ts';
import { findCollisions, type RowBatch } from '../bronze/collisions/find-collisions.ts';
import type { OpenEngine } from '../bronze/data-engine.ts';
import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { columnByName, type TableSchema } from '../bronze/iceberg/schema.ts';
import { currentSchema } from '../bronze/iceberg/table-metadata.ts';
import { memoryLadder } from '../bronze/memory-ladder.ts';
import { decodeUnit, type PreparedUnit } from '../bronze/prepared-unit.ts';
import { tableIo } from '../bronze/table-io.ts';
import { filesInTable } from '../bronze/unit-rows.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import { findTable } from '../catalog/iceberg-tables.ts';
import { isIncidentOpen } from '../catalog/incidents.ts';
import { unitsCommittedBy, unitsOfBatch } from '../catalog/units.ts';
import { liveFilesOf, type PlacedFile } from '../evidence/live-files.ts';
import type { RunReport } from '../evidence/run-report.ts';
import { unreadableAmong } from '../evidence/unreadable-among.ts';
import { throwIfAway } from '../landing/store/away.ts';
import { hasObject } from '../landing/store-object.ts';
import {
  type Declarations,
  type DeclaredUnique,
  declaredUnique,
  KEY_COLLISION,
  keyCollision,
} from './key-collision.ts';
import type { Symptom } from './symptom.ts';

/** Files that one statement names. */
const FILES_AT_ONCE = 500;

interface Stored extends Declarations {
  readonly catalog: CatalogReader;
  readonly openEngine: OpenEngine;
}

/**
 * Records of a run whose key is that of other content, where the contract or the project says that it comes once. Looked at
 * after the commit, in what was written: nothing is read where nothing is declared, and of history only files whose bounds
 * overlap in every column that counts, those columns alone. `sure` names the tables of which what is open of the batch and
 * was not found is over.
 */
export async function collisionsOf(
  stored: Stored,
  report: Pick<RunReport, 'runId' | 'manifestId' | 'batchId' | 'assets'>,
): Promise<{ found: Symptom[]; sure: ReadonlySet<string> }> {
  const refs = [...new Set(report.assets.map(({ contractRef }) => contractRef))];
  const contracts = refs.flatMap((ref) => {
    const reading = stored.contracts.get(ref);
    return reading.kind === 'contract' ? reading.contract : [];
  });
  const isOpen = await isIncidentOpen(stored.catalog, { ...report, kind: KEY_COLLISION });
  const sure = new Set(isOpen ? contracts.map(({ traits }) => traits.table) : []);
  const declared = contracts.flatMap((contract) => declaredUnique(contract, stored) ?? []);
  if (declared.length === 0) return { found: [], sure };
  const prepared = isOpen
    ? (await unitsOfBatch(stored.catalog, report)).map((unit) => unit.prepared)
    : await unitsCommittedBy(stored.catalog, report.runId);
  const units = prepared.map(decodeUnit);
  const found: Symptom[] = [];
  for (const of of declared) {
    const symptoms = await collisionsAmong(stored, { of, units, runId: report.runId });
    if (symptoms === null) sure.delete(of.table);
    found.push(...(symptoms ?? []));
  }
  return { found, sure };
}

/** Null: a file of them is not there or not whole, and it cannot be told; a verification finds that. */
async function collisionsAmong(
  { catalog, openEngine }: Stored,
  { of, units, runId }: { of: DeclaredUnique; units: readonly PreparedUnit[]; runId: string },
): Promise<Symptom[] | null> {
  const uris = new Set(
    units.flatMap((unit) => filesInTable(unit, of.table)?.files ?? []).map(({ uri }) => uri),
  );
  if (uris.size === 0) return [];
  const live = await liveFilesOf(catalog, of.table);
  const own = live.filter(({ uri }) => uris.has(uri));
  const schema = await schemaOf(catalog, of.table);
  const columns = [of.rule.key, ...of.rule.order].flatMap((name) => columnByName(schema, name) ?? []);
  const meets = mayMeet(own, columns);
  const history = live.filter((file) => !uris.has(file.uri) && meets(file));
  for (const file of [...own, ...history]) if (!(await hasObject(file))) return null;
  const asked = {
    schema,
    rule: of.rule,
    incoming: pagesOf(own),
    history: pagesOf(history),
    firstCommitted: firstCommitted(catalog, of.table),
  };
  try {
    const collisions = await memoryLadder(openEngine)((engine) => findCollisions(engine, asked));
    return collisions.map((collision) => keyCollision({ of, collision, runId }));
  } catch (error) {
    throwIfAway(error);
    await using engine = await openEngine();
    const read = [...own, ...history].map(({ uri }) => uri);
    if ((await unreadableAmong(engine, read)).length > 0) return null;
    throw error;
  }
}

async function schemaOf(catalog: CatalogReader, table: string): Promise<TableSchema> {
  const pointer = await findTable(catalog, table);
  if (pointer === null) throw new RangeError(`bronze.${table} has live files and no head`);
  return currentSchema((await readTableMetadata(tableIo, pointer.metadataLocation)).metadata);
}

function pagesOf(files: readonly PlacedFile[]) {
  return function* () {
    for (let at = 0; at < files.length; at += FILES_AT_ONCE)
      yield files.slice(at, at + FILES_AT_ONCE).map(({ path }) => path);
  };
}

/** What no commit of ours brought came last, whoever brought it. */
export function firstCommitted(catalog: CatalogReader, table: string): (batch: RowBatch) => Promise<string> {
  return async ({ manifestId, batchId }) => {
    const row = await catalog
      .selectFrom('commits')
      .select(({ fn }) => fn.min('committed_at').as('at'))
      .where('table_name', '=', table)
      .where('manifest_id', '=', manifestId ?? '')
      .where('batch_id', '=', batchId ?? '')
      .executeTakeFirst();
    return row?.at ?? '~';
  };
}
