import { leadsTo } from '../bronze/iceberg/expire-snapshots.ts';
import { readTableMetadata } from '../bronze/iceberg/metadata-file.ts';
import { tableIo } from '../bronze/table-io.ts';
import { swapTable } from '../catalog/iceberg-tables.ts';
import { entryHash } from '../evidence/chain.ts';
import { restoreCatalog } from '../evidence/restore-catalog.ts';
import { verifyChain } from '../evidence/verify-chain.ts';
import { nullUnlessAway } from '../landing/store/away.ts';
import type { Engine } from '../run/engine.ts';
import { contradictionsOf } from './contradictions.ts';
import { committedTables, latestCommitOf, pointerMoved } from './sealed-commits.ts';
import { standingContradictions } from './standing-contradictions.ts';
import type { ReadTable } from './table-files.ts';
import { walkRuns } from './walk-runs.ts';

export interface CatalogRepair {
  /** What the catalog said otherwise, and was put back to what is sealed. */
  readonly restored: readonly string[];
  /** What evidence alone cannot put back, each with what can. */
  readonly left: readonly { readonly what: string; readonly next: string }[];
}

/**
 * Puts the catalog's accounts of runs, commits and units, and its pointers to tables, back to what is sealed. Only sealed
 * evidence whose chain is whole is believed. Data files, evidence and runs that go on are not touched.
 */
export async function repairCatalog(engine: Engine): Promise<CatalogRepair> {
  const { catalog } = engine;
  const restored: string[] = [];
  const left: { what: string; next: string }[] = [];
  const broken = await brokenChains(engine);
  for (const chain of broken) {
    const what = `The evidence of ${chain} is not as it was sealed: nothing is taken from it.`;
    left.push({ what, next: restoreCatalog(engine.catalogAt) });
  }
  // Accounts first: the pointers follow from the commits.
  const tables = await tablesToRead(engine);
  for await (const told of walkRuns(catalog, { batches: null })) {
    engine.signal.throwIfAborted();
    const trusted = told.entries.every(
      (entry) => !broken.has(entry.chain) && entryHash(entry) === entry.hash,
    );
    if (!trusted || told.entries.length === 0) continue;
    for (const { message, mend, suggestion } of await Array.fromAsync(
      contradictionsOf(catalog, { told, tables }),
    )) {
      if (mend === null) {
        const next = suggestion ?? restoreCatalog(engine.catalogAt);
        left.push({ what: message, next });
        continue;
      }
      await catalog.transaction().execute(mend);
      restored.push(message);
    }
  }
  restored.push(...(await restorePointers(engine)));
  for (const { message, mend } of await Array.fromAsync(standingContradictions(catalog))) {
    if (mend === null) continue;
    await catalog.transaction().execute(mend);
    restored.push(message);
  }
  return { restored, left };
}

async function brokenChains({ catalog }: Engine): Promise<Set<string>> {
  const broken = new Set<string>();
  const chains = await catalog.selectFrom('evidence').select('chain').distinct().execute();
  for (const { chain } of chains) {
    const { findings } = await verifyChain(catalog, { chain, next: '' });
    if (findings.length > 0) broken.add(chain);
  }
  return broken;
}

/** As the pointers are, and as the last commits left them: a pointer that went back does not know its later snapshots. */
async function tablesToRead({ catalog }: Engine): Promise<ReadTable[]> {
  const read: ReadTable[] = [];
  for (const { table, metadataLocation } of await committedTables(catalog)) {
    const latest = await latestCommitOf(catalog, table);
    for (const location of new Set([metadataLocation, latest?.metadataLocation ?? null])) {
      if (location === null) continue;
      const found = await readTableMetadata(tableIo, location).catch(nullUnlessAway);
      if (found !== null) read.push({ table, metadataLocation: location, metadata: found.metadata });
    }
  }
  // The one that knows most snapshots of a table is the one to ask.
  return read.sort((a, b) => b.metadata.snapshots.length - a.metadata.snapshots.length);
}

/** A pointer that was moved back, or to nothing that a run wrote, leads to the last commit's metadata again. */
async function restorePointers(engine: Engine): Promise<string[]> {
  const { catalog } = engine;
  const restored: string[] = [];
  for (const { table, metadataLocation } of await committedTables(catalog)) {
    const latest = await latestCommitOf(catalog, table);
    if (latest === null || latest.metadataLocation === metadataLocation) continue;
    const id = BigInt(latest.snapshotId);
    const now =
      metadataLocation === null
        ? null
        : await readTableMetadata(tableIo, metadataLocation).catch(nullUnlessAway);
    if (now !== null && leadsTo(now.metadata, id)) continue;
    const then = await readTableMetadata(tableIo, latest.metadataLocation).catch(nullUnlessAway);
    if (then?.metadata['current-snapshot-id'] !== id) continue;
    const swap = { table, expected: metadataLocation, next: latest.metadataLocation };
    if (await catalog.transaction().execute((tx) => swapTable(tx, swap)))
      restored.push(pointerMoved({ table, metadataLocation }, latest).message);
  }
  return restored;
}
