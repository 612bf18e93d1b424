import { join } from 'node:path';
import { placeOf } from '../model/table-names.ts';

/** The folder of everything Tidemark keeps, and the zones in it. Only this module knows the layout. */
export interface Home {
  readonly dir: string;
  /** What is durable beside the catalog stands below it: the home itself, or the folder that a store is mounted at. */
  readonly storeDir: string;
  readonly catalogPath: string;
  readonly warehouseDir: string;
  readonly evidenceDir: string;
  /** Every sealed entry with the catalog's rows that became true with it: what a lost catalog is rebuilt from. */
  readonly ledgerDir: string;
  /** Bytes as they arrive, per run, not yet trusted, disposable. */
  landingDir(runId: string): string;
  /** Refining's working files, per run, disposable. */
  scratchDir(runId: string): string;
  /** Verified bytes, immutable, named by their SHA-256. */
  objectPath(zone: 'raw' | 'quarantine', sha256: string): string;
  tableDir(table: string): string;
}

/** The path under which a row names its bytes: relative to the home, so that a home can be moved. */
export function objectKey(zone: 'raw' | 'quarantine', sha256: string): string {
  return `${zone}/sha256/${sha256.slice(0, 2)}/${sha256}`;
}

export function homeAt(dir: string, storeDir = dir): Home {
  const warehouseDir = join(storeDir, 'warehouse');
  return {
    dir,
    storeDir,
    catalogPath: join(dir, 'catalog.db'),
    warehouseDir,
    evidenceDir: join(storeDir, 'evidence'),
    ledgerDir: join(storeDir, 'ledger'),
    landingDir: (runId) => join(dir, 'landing', runId),
    scratchDir: (runId) => join(dir, 'scratch', runId),
    objectPath: (zone, sha256) => join(storeDir, objectKey(zone, sha256)),
    tableDir: (table) => join(warehouseDir, placeOf(table).namespace, placeOf(table).name),
  };
}
