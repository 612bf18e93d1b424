import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import type { Limits } from '../../../model/limits.ts';
import { StreamFault } from '../stream-fault.ts';
import { archiveFault, openArchive } from './open-archive.ts';

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/**
 * The bytes of the chosen members, one behind the other by name, each proven by its own sum and size once it was given
 * out. A line ends where its member does. `consumed` never counts a byte of the archive twice, however many members say
 * that it is theirs.
 * @throws StreamFault
 */
export async function* unzip(archived: {
  path: string;
  member: string | null;
  limits: Pick<Limits, 'archiveMembersMax'>;
}): AsyncGenerator<{ readonly bytes: Buffer; readonly consumed: number }> {
  await using archive = await openArchive(archived);
  const { zip, sizeBytes, members } = archive;
  let consumed = 0;
  let last = NEWLINE;
  for (const entry of members) {
    consumed = Math.min(sizeBytes, consumed + entry.compressedSize);
    if (last !== NEWLINE) yield { bytes: Buffer.of(NEWLINE), consumed };
    let mayBeMarked = entry !== members[0];
    for await (const chunk of provenBytes(zip, entry)) {
      // A mark is the business of whoever reads the first member; within the stream it would be part of a record.
      const marked = mayBeMarked && chunk.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
      const bytes = marked ? chunk.subarray(BYTE_ORDER_MARK.length) : chunk;
      mayBeMarked = false;
      last = bytes.at(-1) ?? last;
      yield { bytes, consumed };
    }
  }
}

async function* provenBytes(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  let sum = 0;
  try {
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (error) {
    throw archiveFault(error);
  }
  if (sum !== entry.crc32)
    throw new StreamFault({
      rule: 'stream_corrupt',
      expected: 'a whole zip archive',
      received: `${JSON.stringify(entry.fileName)}, whose bytes do not come to its checksum`,
    });
}
