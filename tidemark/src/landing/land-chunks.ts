import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, storeError, syncFolder } from './durable-files.ts';
import { Gathered, type Passed } from './pass-bytes.ts';

/** Takes bytes as they are made: their sum and head, and a synced copy where asked. A copy of what failed is removed. */
export async function landChunks({
  chunks,
  copyTo,
  onBytes,
}: {
  chunks: AsyncIterable<Uint8Array>;
  copyTo: string | null;
  onBytes(bytes: number): void;
}): Promise<Passed> {
  const gathered = new Gathered();
  if (copyTo === null) {
    for await (const chunk of chunks) {
      gathered.take(Buffer.from(chunk));
      onBytes(chunk.length);
    }
    return gathered.pass();
  }
  const stored = async <Result>(work: Promise<Result>): Promise<Result> =>
    await work.catch((error: unknown) => {
      throw storeError(error, copyTo);
    });
  try {
    await stored(makeFolder(dirname(copyTo)));
    await using copy = await stored(open(copyTo, 'w'));
    for await (const chunk of chunks) {
      gathered.take(Buffer.from(chunk));
      await stored(copy.writeFile(chunk));
      onBytes(chunk.length);
    }
    await stored(copy.sync());
    await stored(syncFolder(dirname(copyTo)));
    return gathered.pass();
  } catch (error) {
    await rm(copyTo, { force: true });
    throw error;
  }
}
