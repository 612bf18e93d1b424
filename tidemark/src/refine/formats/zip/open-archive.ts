import { type FileHandle, open } from 'node:fs/promises';
import type { Entry, ZipFile } from 'yauzl';
import type { Limits } from '../../../model/limits.ts';
import { StreamFault } from '../stream-fault.ts';
import { archiveReader } from './archive-reader.ts';
import { chooseMembers } from './choose-members.ts';

export interface Archive extends AsyncDisposable {
  readonly zip: ZipFile;
  readonly sizeBytes: number;
  /** By name, in the order of their bytes. */
  readonly members: readonly Entry[];
}

/**
 * Opens a zip archive and finds the members that are its source; zip64 is read. Of what it holds besides only names are
 * looked at.
 * @throws StreamFault where it is no whole archive, or one that is not to be trusted
 */
export async function openArchive({
  path,
  member,
  limits,
}: {
  path: string;
  /** A name or a pattern; null for the one file that it holds. */
  member: string | null;
  limits: Pick<Limits, 'archiveMembersMax'>;
}): Promise<Archive> {
  const yauzl = await import('yauzl');
  const file: FileHandle = await open(path, 'r');
  try {
    const { size: sizeBytes } = await file.stat();
    const reader = archiveReader(yauzl, { file, sizeBytes });
    const zip = await yauzl.fromRandomAccessReaderPromise(reader, sizeBytes, { autoClose: false });
    if (zip.entryCount > limits.archiveMembersMax)
      throw new StreamFault({
        rule: 'archive_refused',
        expected: `at most ${limits.archiveMembersMax} members (limits.archiveMembersMax)`,
        received: `${zip.entryCount}`,
      });
    const entries = await Array.fromAsync(zip.eachEntry(), withinBounds);
    await refuseLyingDirectory({ file, zip, entries });
    const members = chooseMembers(entries, member);
    return { zip, sizeBytes, members, [Symbol.asyncDispose]: async () => await file.close() };
  } catch (error) {
    await file.close();
    throw archiveFault(error);
  }
}

/** What the directory of an archive may say of one member, so that a crafted one cannot fill the memory. */
const HEADER_BYTES_MAX = 4096;

function withinBounds(entry: Entry): Entry {
  const bytes = entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
  if (bytes <= HEADER_BYTES_MAX) return entry;
  throw new StreamFault({
    rule: 'archive_refused',
    expected: `a directory with at most ${HEADER_BYTES_MAX} bytes for each member`,
    received: `${bytes} bytes for one`,
  });
}

const DIRECTORY_ENDS = [0x06054b50, 0x06064b50, 0x05054b50];

/**
 * Nothing proves the directory of an archive but what stands elsewhere: its end is behind its last member, and each member
 * is called there as here. One that leaves members out, or calls one otherwise, would bring less without a word.
 */
async function refuseLyingDirectory({
  file,
  zip,
  entries,
}: {
  file: FileHandle;
  zip: ZipFile;
  entries: readonly Entry[];
}): Promise<void> {
  const mark = Buffer.alloc(4);
  // A number, whatever its types say: where the directory would go on.
  await file.read(mark, 0, 4, Number(zip.readEntryCursor));
  if (!DIRECTORY_ENDS.includes(mark.readUInt32LE()))
    throw new Error('a directory that goes on behind its last member');
  for (const entry of entries) {
    const { fileName } = await zip.readLocalFileHeaderPromise(entry);
    if (fileName.equals(entry.fileNameRaw)) continue;
    throw new StreamFault({
      rule: 'archive_refused',
      expected: 'members that are called in its directory as where they are',
      received: `${JSON.stringify(entry.fileName)}, called ${JSON.stringify(fileName.toString())} where it is`,
    });
  }
}

/** What the library says of an archive; what the system says of its file stays what it is. */
export function archiveFault(error: unknown): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (error instanceof StreamFault || (code !== '' && !code.startsWith('Z_'))) return error;
  const refused = /^(absolute path|invalid (relative path|characters)|strong encryption|unsupported)/.test(
    message,
  );
  const rule = refused
    ? 'archive_refused'
    : message.startsWith('End of central')
      ? 'stream_truncated'
      : 'stream_corrupt';
  return new StreamFault({ rule, expected: 'a whole zip archive', received: message.replace(/\.$/, '') });
}
