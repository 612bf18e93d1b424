import type { Catalog } from '../catalog/catalog.ts';
import type { ContractShelf } from '../contract/load-contracts.ts';
import type { Home } from '../landing/home.ts';
import type { CatalogLocation } from '../model/catalog-location.ts';
import type { Limits } from '../model/limits.ts';

/** What proving and the reading verbs may use of the world. */
export interface Archive {
  readonly root: string;
  readonly home: Home;
  readonly catalog: Catalog;
  readonly catalogAt: CatalogLocation;
  readonly contracts: ContractShelf;
  readonly limits: Limits;
  readonly signal: AbortSignal;
}
