import { sqlText } from '../data-engine.ts';
import type { DataFile } from '../iceberg/data-file.ts';
import { compareSingleValues, decodeSingleValue, type SingleValue } from '../iceberg/single-value.ts';

/** A file of a table that is sorted by its key, with bounds of the keys that it holds. */
export interface KeyedFile<File extends DataFile = DataFile> {
  readonly file: File;
  readonly from: SingleValue;
  readonly to: SingleValue;
}

/** Files that are written anew together, and whose keys they are: from `from` on, below `below`; null: without bound. */
export interface KeyGroup<File extends DataFile = DataFile> {
  readonly files: readonly File[];
  readonly from: SingleValue | null;
  readonly below: SingleValue | null;
}

/** Files by their first key; null where one has no bounds, so that any key may be in it. */
export function orderByKey<File extends DataFile>(
  files: readonly File[],
  key: { readonly id: number; readonly type: unknown },
): readonly KeyedFile<File>[] | null {
  const { type } = key;
  if (typeof type !== 'string' || keyLiteral(type, '') === null) return null;
  const keyed: KeyedFile<File>[] = [];
  for (const file of files) {
    const bounds = [file.lowerBounds.get(key.id), file.upperBounds.get(key.id)];
    const [from, to] = bounds.map((bytes) => (bytes === undefined ? null : decodeSingleValue(type, bytes)));
    if (from == null || to == null) return null;
    keyed.push({ file, from, to });
  }
  return keyed.sort((a, b) => compareSingleValues(a.from, b.from));
}

/**
 * The keys that would be a file's: those between its bounds, and those after it that no later file begins below. So every
 * key has a file, and what comes in order goes into the last.
 */
export function reachOf(
  ordered: readonly KeyedFile[],
  index: number,
): { readonly from: SingleValue | null; readonly to: SingleValue | null } {
  const { from, to } = ordered[index]!;
  const next = ordered[index + 1]?.from ?? null;
  return {
    from: index === 0 ? null : from,
    to: next === null ? null : compareSingleValues(to, next) > 0 ? to : next,
  };
}

/**
 * Touched files in groups: neighbours and files whose bounds overlap go together, so that what is written anew never comes
 * to span a file that is left. Every key belongs to one group.
 */
export function groupTouched<File extends DataFile>(
  ordered: readonly KeyedFile<File>[],
  touched: ReadonlySet<number>,
): readonly KeyGroup<File>[] {
  const groups: { files: File[]; from: SingleValue; to: SingleValue; last: number }[] = [];
  for (const [index, { file, from, to }] of ordered.entries()) {
    if (!touched.has(index)) continue;
    const group = groups.at(-1);
    const joins = group && (group.last === index - 1 || compareSingleValues(from, group.to) <= 0);
    if (!joins) {
      groups.push({ files: [file], from, to, last: index });
      continue;
    }
    group.files.push(file);
    group.last = index;
    if (compareSingleValues(to, group.to) > 0) group.to = to;
  }
  return groups.map(({ files, from }, index) => ({
    files,
    from: index === 0 ? null : from,
    below: groups[index + 1]?.from ?? null,
  }));
}

/** A value of a key as SQL; null for types whose bounds are not used. */
export function keyLiteral(type: string, value: SingleValue): string | null {
  switch (type) {
    case 'string':
      return sqlText(String(value));
    case 'int':
    case 'long':
      return `${value}`;
    case 'date':
      return `(DATE '1970-01-01' + ${value}::INTEGER)`;
    case 'timestamptz':
      return `make_timestamptz(${value}::BIGINT)`;
    default:
      return null;
  }
}
