import type { Entry } from 'yauzl';
import { globMatches } from '../../../model/glob.ts';
import { StreamFault } from '../stream-fault.ts';

/** Of names that a message tells. */
const NAMES_TOLD = 5;

/**
 * The members of an archive that are its source, by name: the one that is called so, else those that the pattern means;
 * without one, the only file that it holds. Pure.
 * @throws StreamFault where there is none, or one that is not to be read
 */
export function chooseMembers(entries: readonly Entry[], member: string | null): Entry[] {
  const files = entries.filter(({ fileName }) => !fileName.endsWith('/'));
  const chosen = chosenOf(files, member);
  const seen = new Set<string>();
  for (const entry of chosen) {
    const why = reasonAgainst(entry) ?? (seen.has(entry.fileName) ? 'is in it twice' : null);
    if (why !== null)
      throw new StreamFault({
        rule: 'archive_refused',
        expected: 'members that are plain files, once each',
        received: `${JSON.stringify(entry.fileName)}, which ${why}`,
      });
    seen.add(entry.fileName);
  }
  return chosen.sort((a, b) => Buffer.compare(Buffer.from(a.fileName), Buffer.from(b.fileName)));
}

function chosenOf(files: readonly Entry[], member: string | null): Entry[] {
  if (member === null) {
    const own = files.filter(({ fileName }) => !isOfTheArchiver(fileName));
    if (own.length === 1) return own;
    throw unclear('one file, or a member that is declared', own);
  }
  const named = files.filter(({ fileName }) => fileName === member);
  const chosen = named.length > 0 ? named : files.filter(({ fileName }) => globMatches(member, fileName));
  if (chosen.length === 0) throw unclear(`a member ${member}`, files);
  return chosen;
}

function unclear(expected: string, files: readonly Entry[]): StreamFault {
  const names = files.slice(0, NAMES_TOLD).map(({ fileName }) => JSON.stringify(fileName));
  const more = files.length > NAMES_TOLD ? ` and ${files.length - NAMES_TOLD} more` : '';
  const received = files.length === 0 ? 'no file' : `${names.join(', ')}${more}`;
  return new StreamFault({ rule: 'archive_member', expected, received });
}

/** What the programs of a system put beside the files that a person meant. */
function isOfTheArchiver(name: string): boolean {
  return name.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
}

const MADE_BY_UNIX = 3;
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;

function reasonAgainst(entry: Entry): string | null {
  if (entry.isEncrypted()) return 'is encrypted';
  if (!entry.canDecodeFileData())
    return `is compressed by method ${entry.compressionMethod}, where stored and deflated are read`;
  if (entry.versionMadeBy >>> 8 !== MADE_BY_UNIX) return null;
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE;
  return type === 0 || type === REGULAR ? null : 'is a link or no file';
}
