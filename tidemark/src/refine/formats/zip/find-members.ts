import type { DeclaredFormat, Encoding } from '../../../model/declared-format.ts';
import type { Limits } from '../../../model/limits.ts';
import { formatOfName } from '../record-format.ts';
import { StreamFault } from '../stream-fault.ts';
import { openArchive } from './open-archive.ts';

/** What of an archive is a source. */
export interface FoundMembers {
  /** What names them, so that the same ones are found again: as declared, or the name of its only file. */
  readonly member: string;
  readonly names: readonly string[];
  /** By what is declared, else by their names. */
  readonly areLines: boolean;
  /** What they come to, as the directory says. */
  readonly decodedBytes: number;
}

/** @throws StreamFault */
export async function findMembers({
  path,
  declared,
  limits,
}: {
  path: string;
  declared: DeclaredFormat | null;
  limits: Pick<Limits, 'archiveMembersMax'>;
}): Promise<FoundMembers> {
  const asked = declared?.member ?? null;
  await using archive = await openArchive({ path, member: asked, limits });
  const names = archive.members.map(({ fileName }) => fileName);
  const areLines = names.every((name) => (declared?.format ?? formatOfName(name)) === 'jsonl');
  const decodedBytes = archive.members.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  return { member: asked ?? names[0] ?? '', names, areLines, decodedBytes };
}

/**
 * Lines can be read one behind the other; a header, an array or a byte order mark in the middle cannot.
 * @throws StreamFault
 */
export function refuseUnlike({ names, areLines }: FoundMembers, encoding: Encoding): void {
  if (names.length === 1 || (areLines && encoding === 'utf-8')) return;
  throw new StreamFault({
    rule: 'archive_member',
    expected: 'one member, or several that are lines of JSON in UTF-8',
    received: `${names.length} members, such as ${names.slice(0, 2).join(' and ')}`,
  });
}
