const BEYOND_BMP_ORDER = /[\ud800-\uffff]/;

/**
 * Order of two texts by their bytes in UTF-8, which is by code point: the order of SQLite, of PostgreSQL's collation C
 * and of Iceberg's bounds. By UTF-16 code units, as `<` has it, characters beyond U+FFFF come before those from U+E000 on.
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (BEYOND_BMP_ORDER.test(a) || BEYOND_BMP_ORDER.test(b))
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}
