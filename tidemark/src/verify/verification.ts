import type { OpenEngine } from '../bronze/data-engine.ts';
import type { CatalogReader } from '../catalog/catalog.ts';
import type { Engine } from '../run/engine.ts';
import type { Findings } from './findings.ts';
import type { Ledger } from './ledger.ts';
import type { Scope } from './scope.ts';

/** A verification while it goes on: what its checks read, and where they put what they find. */
export interface Verification {
  /** Of the engine, checks use the store and the present catalog (to forgive what a run did meanwhile). */
  readonly engine: Engine;
  /** The catalog as it was when the verification began: one moment, however long this takes. */
  readonly catalog: CatalogReader;
  readonly scope: Scope;
  readonly findings: Findings;
  /** Files and what the catalog says of them, on disk: memory does not grow with their number. */
  readonly ledger: Ledger;
  readonly scratchDir: string;
  readonly openEngine: OpenEngine;
}
