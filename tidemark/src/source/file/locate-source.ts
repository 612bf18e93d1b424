import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ERROR_CODES } from '../../errors/codes.ts';
import { isInside } from '../../model/is-inside.ts';
import type { Unreachable } from '../unreachable.ts';

export interface FileStat {
  readonly sizeBytes: number;
  readonly mtimeNs: string;
  readonly inode: string;
}

/** Where a declared source is, and what stands there. */
export type SourceLocation =
  | { readonly kind: 'file'; readonly path: string; readonly stat: FileStat }
  | { readonly kind: 'folder'; readonly path: string }
  | Unreachable;

/**
 * Finds a declared path below the project root without opening it. Links are followed first and judged by where they
 * end, so neither `..` nor a link leads out of the root.
 */
export async function locateSource({
  root,
  declared,
}: {
  root: string;
  declared: string;
}): Promise<SourceLocation> {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(declared)?.[1]?.toLowerCase();
  if (scheme !== undefined) {
    return {
      kind: 'unreachable',
      cause: 'connector',
      code: ERROR_CODES.connector_missing,
      message: `${declared} needs the ${scheme} connector, which this release does not have.`,
      next: 'Download it below the project root and declare that path, then run again.',
    };
  }
  const realRoot = await realpath(root);
  const wanted = resolve(realRoot, declared);
  if (!isInside(realRoot, wanted)) return outside(declared, realRoot);
  try {
    const path = await realpath(wanted);
    if (!isInside(realRoot, path)) return outside(declared, realRoot);
    const found = await stat(path, { bigint: true });
    if (found.isDirectory()) return { kind: 'folder', path };
    if (!found.isFile()) return unreadable(declared, 'it is not a regular file');
    return { kind: 'file', path, stat: fileStat(found) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return {
        kind: 'unreachable',
        cause: 'missing',
        code: ERROR_CODES.source_unreadable,
        message: `${declared} does not exist below ${realRoot}.`,
        next: 'Put the file in place or mend the declared path, then run the same command again.',
      };
    }
    return unreadable(declared, (error as Error).message);
  }
}

export function fileStat(found: { size: bigint; mtimeNs: bigint; ino: bigint }): FileStat {
  return { sizeBytes: Number(found.size), mtimeNs: String(found.mtimeNs), inode: String(found.ino) };
}

/**
 * Whether what was read is what stands at a located path, links followed once more: between looking and opening, whoever
 * writes in the folder could have put a link in its place that leads out of the root.
 */
export async function standsAt(path: string, read: FileStat): Promise<boolean> {
  try {
    return (
      (await realpath(path)) === path && fileStat(await stat(path, { bigint: true })).inode === read.inode
    );
  } catch {
    return false;
  }
}

function outside(declared: string, root: string): Unreachable {
  return {
    kind: 'unreachable',
    cause: 'outside',
    code: ERROR_CODES.source_outside_root,
    message: `${declared} leads out of the project root ${root}.`,
    next: 'Copy or mount the data below the project root and declare that path.',
  };
}

export function unreadable(declared: string, reason: string): Unreachable {
  return {
    kind: 'unreachable',
    cause: 'unreadable',
    code: ERROR_CODES.source_unreadable,
    message: `${declared} cannot be read: ${reason}.`,
    next: 'Mend the file or its permissions, then run the same command again.',
  };
}
