import { realpathSync } from 'node:fs';
import { pathOfFileUri } from '../bronze/iceberg/file-uri.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { listTables, type TablePointer } from '../catalog/iceberg-tables.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { Home } from '../landing/home.ts';
import { placeOf } from '../model/table-names.ts';

/**
 * Closes the catalog where it refuses. Tables name their files with their whole path. Where the home was moved those are gone, and where it was copied they are
 * another's: nothing is read or written until the tables name their own. Another path to the same folder is the same.
 * @throws ConfigurationError home_moved
 */
export async function refuseMovedHome(catalog: Catalog, home: Home): Promise<void> {
  for (const pointer of await listTables(catalog)) {
    const named = namedHome(pointer);
    if (named === null || named === home.dir || isSame(named, home.dir)) continue;
    await catalog.destroy();
    throw new ConfigurationError({
      code: ERROR_CODES.home_moved,
      message: `This home is ${home.dir}; its tables say that it is ${named}.`,
      next: `See what relocating changes, then execute it: ${nextCommand('catalog', 'relocate', '--from', named)}`,
    });
  }
}

/** The home that a table's metadata file is in by its name; null where it is in none of ours. */
export function namedHome({ table, metadataLocation }: TablePointer): string | null {
  const path = pathOfFileUri(metadataLocation);
  const { namespace, name } = placeOf(table);
  const end = path?.lastIndexOf(`/warehouse/${namespace}/${name}/metadata/`) ?? -1;
  return path === null || end < 1 ? null : path.slice(0, end);
}

function isSame(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
