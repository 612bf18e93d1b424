import { join } from 'node:path';

/** Where something is kept, for a person: below a folder, or below the URI of a store. */
export function keptAt(home: string, below: string): string {
  return home.includes('://') ? `${home}/${below}` : join(home, below);
}
