import { type Collision, findCollisions } from '../bronze/collisions/find-collisions.ts';
import { currentSchema } from '../bronze/iceberg/table-metadata.ts';
import { memoryLadder } from '../bronze/memory-ladder.ts';
import type { ContractReading } from '../contract/load-contracts.ts';
import { type DeclaredUnique, declaredUnique, keyCollision } from '../incident/key-collision.ts';
import { firstCommitted } from '../incident/key-collisions.ts';
import { throwIfAway } from '../landing/store/away.ts';
import { TABLES_BESIDE } from '../model/table-names.ts';
import { livePages } from './live-pages.ts';
import type { ReadTable } from './table-files.ts';
import type { Verification } from './verification.ts';

/** Names the keys of a table, which could not be looked at though the rest of it could. */
export function keysSubject(table: string | null): string {
  return `keys of ${table}`;
}

/**
 * What is declared to come once in a table comes once. Reads the columns that tell records apart, of whole tables, so it is
 * left out where single batches are verified, and where nothing is declared nothing is read.
 */
export async function checkKeys(verification: Verification, tables: readonly ReadTable[]): Promise<void> {
  if (verification.scope.batches !== null) return;
  for (const read of tables) {
    if (TABLES_BESIDE.has(read.table)) continue;
    const declared = await declaredOf(verification, read.table);
    if (declared !== null) await checkTable(verification, { read, declared });
  }
}

/** Null: nothing is declared, or there is no contract to say so. */
async function declaredOf(verification: Verification, table: string): Promise<DeclaredUnique | null> {
  const { engine, findings } = verification;
  const readings = await contractsOf(verification, table);
  const contracts = readings.flatMap((reading) => (reading.kind === 'contract' ? reading.contract : []));
  const contract = contracts.find(({ traits }) => traits.table === table);
  if (contract !== undefined) return declaredUnique(contract, engine);
  const [why] = readings.flatMap((reading) => (reading.kind === 'contract' ? [] : reading.reason));
  if (why !== undefined) findings.couldNotSee('keys', keysSubject(table), why);
  return null;
}

async function checkTable(
  verification: Verification,
  { read: { table, metadata }, declared }: { read: ReadTable; declared: DeclaredUnique },
): Promise<void> {
  const { catalog, findings, ledger, engine } = verification;
  findings.begin('keys');
  const couldNotSee = (why: string) => findings.couldNotSee('keys', keysSubject(table), why);
  if (!findings.hasSeen(table) || ledger.has('SELECT 1 FROM damaged WHERE table_name = ? LIMIT 1', table))
    return couldNotSee('rows of it cannot be read, or are there twice as it is');
  const asked = {
    schema: currentSchema(metadata),
    rule: declared.rule,
    incoming: () => livePages(verification, table),
    history: () => [],
    firstCommitted: firstCommitted(catalog, table),
  };
  try {
    const collisions = await memoryLadder(verification.openEngine)((duck) => findCollisions(duck, asked));
    for (const collision of collisions)
      findings.found('keys', keyCollision({ of: declared, collision, runId: broughtBy(collision) }));
    findings.checked('keys', recordsOf(verification, table));
  } catch (error) {
    engine.signal.throwIfAborted();
    throwIfAway(error);
    const [why = ''] = (error as Error).message.split('\n');
    couldNotSee(why);
  }
}

function broughtBy({ manifestId, batchId, rows }: Collision): string | null {
  const own = rows.findLast((row) => row.manifestId === manifestId && row.batchId === batchId);
  return own?.runId ?? null;
}

/** By which the rows of a table were judged. */
async function contractsOf(
  { catalog, engine }: Verification,
  table: string,
): Promise<readonly ContractReading[]> {
  const rows = await catalog
    .selectFrom('contracts')
    .select('ref')
    .distinct()
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('units')
          .select('units.unit_key')
          .whereRef('units.contract_hash', '=', 'contracts.hash')
          .where('units.state', '=', 'committed')
          .where('units.table_name', '=', table),
      ),
    )
    .orderBy('ref')
    .execute();
  return rows.map(({ ref }) => engine.contracts.get(ref));
}

function recordsOf({ ledger }: Verification, table: string): number {
  const row = ledger.one(
    'SELECT sum(records) AS records FROM files WHERE table_name = ? AND listed > 0',
    table,
  );
  return Number(row?.records ?? 0);
}
