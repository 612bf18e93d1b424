import type { Home } from '../landing/home.ts';
import type { Clock } from '../run/engine.ts';

/** What looking after the catalog's file may use of the world. The catalog is not open: it may be lost. */
export interface Keeper {
  readonly home: Home;
  readonly clock: Clock;
}
