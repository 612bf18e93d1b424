import { type CatalogLocation, locationText } from '../model/catalog-location.ts';
import { nextCommand, shellWord } from './next-command.ts';

/** What only a backup mends, then the command that finds out whether it did. */
export function restoreCatalog(catalogAt: CatalogLocation, then = nextCommand('verify')): string {
  return `Restore ${shellWord(locationText(catalogAt))} from a backup, then: ${then}`;
}
