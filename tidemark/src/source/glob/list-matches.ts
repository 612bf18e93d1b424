import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { ERROR_CODES } from '../../errors/codes.ts';
import { globMatches, isGlob } from '../../model/glob.ts';
import { isLink } from '../file/is-link.ts';
import { locateSource, unreadable } from '../file/locate-source.ts';
import type { FolderListing } from '../folder/list-folder.ts';
import type { Split } from '../split.ts';
import type { Unreachable } from '../unreachable.ts';
import { globbedPath, parseGlobLocation } from './glob-location.ts';

interface Search {
  readonly root: string;
  readonly declared: string;
  readonly filesMax: number;
}

/** Below the base of a pattern: what its parts so far have led to. */
interface Place {
  readonly name: string;
  readonly path: string;
}

/**
 * The parts of a source that is a pattern: every file that it means, by its path below the pattern's fixed beginning.
 * Links are judged by where they end, folders on the way as well; one that leads out of the root refuses the source whole.
 * Only folders that the pattern leads through are entered. Nothing is opened.
 */
export async function listMatches(search: Search): Promise<FolderListing | Unreachable> {
  const { root, declared } = search;
  const location = parseGlobLocation(declared);
  if (typeof location === 'string') return noPattern(declared, location);
  const base = await locateSource({ root, declared: location.base });
  if (base.kind === 'unreachable') return base;
  if (base.kind === 'file') return unreadable(declared, `${location.base} is a file, not a folder`);
  let folders: readonly Place[] = [{ name: '', path: base.path }];
  for (const part of location.parts.slice(0, -1)) {
    const found = await below(search, { folders, part, wanted: 'folders' });
    if (found.kind === 'unreachable') return found;
    folders = found.folders;
  }
  const part = location.parts.at(-1) ?? '';
  const last = await below(search, { folders, part, wanted: 'files' });
  if (last.kind === 'unreachable') return last;
  const splits = last.splits.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  return { kind: 'listing', splits, passedOver: last.folders.length };
}

interface Found {
  readonly kind: 'found';
  readonly folders: readonly Place[];
  readonly splits: readonly Split[];
}

/** What a part of the pattern leads to: folders on the way, files at its end. */
type Wanted = 'folders' | 'files';

async function below(
  search: Search,
  { folders, part, wanted }: { folders: readonly Place[]; part: string; wanted: Wanted },
): Promise<Found | Unreachable> {
  const { root, declared, filesMax } = search;
  const found: { folders: Place[]; splits: Split[] } = { folders: [], splits: [] };
  for (const folder of folders) {
    const names = await namesIn(folder, { ...search, part, wanted });
    if ('kind' in names) return names;
    for (const entry of names) {
      const name = folder.name === '' ? entry : `${folder.name}/${entry}`;
      const declaredPath = globbedPath(declared, name);
      const location = await locateSource({ root, declared: declaredPath });
      if (location.kind === 'unreachable') {
        // Gone since it was listed: as if it had been gone before.
        if (location.cause === 'missing' && !(await isLink(join(folder.path, entry)))) continue;
        return location;
      }
      const { path } = location;
      if (location.kind === 'folder') found.folders.push({ name, path });
      else if (wanted === 'files')
        found.splits.push({ name, declaredPath, path, stat: location.stat, table: null });
      if (found.folders.length + found.splits.length > filesMax) return tooMany(declared, filesMax);
    }
  }
  return { kind: 'found', ...found };
}

/** A part without a star is one name: the folder is not read for it. */
async function namesIn(
  { path }: Place,
  { declared, filesMax, part, wanted }: Search & { part: string; wanted: Wanted },
): Promise<readonly string[] | Unreachable> {
  if (!isGlob(part)) return [part];
  const names: string[] = [];
  try {
    for await (const entry of await opendir(path)) {
      // Of what stands on the way only folders lead on, and links to them.
      if (wanted === 'folders' && entry.isFile()) continue;
      if (globMatches(part, entry.name)) names.push(entry.name);
      if (names.length > filesMax) return tooMany(declared, filesMax);
    }
  } catch (error) {
    return unreadable(declared, (error as Error).message);
  }
  return names;
}

function tooMany(declared: string, filesMax: number): Unreachable {
  return {
    kind: 'unreachable',
    cause: 'unreadable',
    code: ERROR_CODES.folder_files_exceeded,
    message: `${declared} means more than ${filesMax} files.`,
    next: 'Declare a narrower pattern, or raise limits.folderFilesMax in tidemark.yaml; then run again.',
  };
}

function noPattern(declared: string, why: string): Unreachable {
  return {
    kind: 'unreachable',
    cause: 'refused',
    code: ERROR_CODES.glob_location_refused,
    message: `${declared} is no pattern of files: ${why}.`,
    next: 'Declare a path with * or ? below the project root in the manifest, then run: tidemark check',
  };
}
