import { opendir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { ERROR_CODES } from '../../errors/codes.ts';
import { isLink } from '../file/is-link.ts';
import { locateSource, unreadable } from '../file/locate-source.ts';
import type { Split } from '../split.ts';
import type { Unreachable } from '../unreachable.ts';
import { type FormatName, isRecordName } from './record-names.ts';

export interface FolderListing {
  readonly kind: 'listing';
  /** By name, in the order of their bytes: the order in which they are taken in. */
  readonly splits: readonly Split[];
  /** Entries that are no part of the source, counted: folders, hidden files, other names. */
  readonly passedOver: number;
}

/**
 * The parts of a folder source: every file of its format directly in it (`*.jsonl`, where none is declared), compressed or not. Not what lies in folders below it: who writes one folder
 * a day declares each, and a folder that is being filled beside the data would come in by accident. A link is judged by
 * where it ends, as for files; one that leads out of the root refuses the folder whole. Nothing is opened.
 */
export async function listFolder(folder: {
  root: string;
  declared: string;
  path: string;
  filesMax: number;
  format: FormatName;
}): Promise<FolderListing | Unreachable> {
  const { root, declared, filesMax, format } = folder;
  const names: string[] = [];
  let passedOver = 0;
  try {
    for await (const { name } of await opendir(folder.path)) {
      if (name.startsWith('.') || !isRecordName(name, format)) passedOver += 1;
      else names.push(name);
      if (names.length > filesMax) return tooMany(declared, filesMax);
    }
  } catch (error) {
    return unreadable(declared, (error as Error).message);
  }
  names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const splits: Split[] = [];
  for (const name of names) {
    const declaredPath = posix.join(declared, name);
    const location = await locateSource({ root, declared: declaredPath });
    if (location.kind === 'unreachable') {
      // Gone since it was listed: as if it had been gone before.
      if (location.cause === 'missing' && !(await isLink(join(folder.path, name)))) continue;
      return location;
    }
    if (location.kind === 'folder') passedOver += 1;
    else splits.push({ name, declaredPath, path: location.path, stat: location.stat, table: null });
  }
  return { kind: 'listing', splits, passedOver };
}

function tooMany(declared: string, filesMax: number): Unreachable {
  return {
    kind: 'unreachable',
    cause: 'unreadable',
    code: ERROR_CODES.folder_files_exceeded,
    message: `${declared} holds more than ${filesMax} files.`,
    next: 'Move files that came in to another folder, or raise limits.folderFilesMax in tidemark.yaml; then run again.',
  };
}
