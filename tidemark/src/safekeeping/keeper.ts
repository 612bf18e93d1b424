import type { Home } from '../landing/home.ts';
import type { CatalogLocation } from '../model/catalog-location.ts';
import type { Clock } from '../run/engine.ts';

/** What looking after the catalog may use of the world. The catalog is not open: it may be lost. */
export interface Keeper {
  readonly home: Home;
  readonly catalogAt: CatalogLocation;
  readonly clock: Clock;
}
