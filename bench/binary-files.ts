import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface BinaryFile {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

const CHUNK_BYTES = 4 * 1024 * 1024;
const HEADER_BYTES = 44;
/** Of a stereo recording, 48,000 samples a second, two bytes each. */
const BYTES_PER_SECOND = 48_000 * 4;

/** WAVE recordings of noise: a seeded key stream, so that nothing compresses or repeats. Made unless they are there. */
export async function binaryFiles({
  dataDir,
  count,
  sizeBytes,
}: {
  dataDir: string;
  count: number;
  sizeBytes: number;
}): Promise<BinaryFile[]> {
  await mkdir(dataDir, { recursive: true });
  const files: BinaryFile[] = [];
  for (let number = 0; number < count; number += 1) {
    const name = `noise-${sizeBytes}-${number}.wav`;
    files.push(await binaryFile({ name, path: join(dataDir, name), number, sizeBytes }));
  }
  return files;
}

export function durationOf(sizeBytes: number): number {
  return (sizeBytes - HEADER_BYTES) / BYTES_PER_SECOND;
}

async function binaryFile(wanted: Omit<BinaryFile, 'sha256'> & { number: number }): Promise<BinaryFile> {
  const { name, path, number, sizeBytes } = wanted;
  const note = `${path}.sha256`;
  const known = await readFile(note, 'utf8').catch(() => null);
  const found = await stat(path).catch(() => null);
  if (known !== null && found?.size === sizeBytes) return { name, path, sizeBytes, sha256: known };
  const key = createHash('sha256').update(`tidemark-bench-${number}`).digest().subarray(0, 16);
  const stream = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(CHUNK_BYTES);
  const hash = createHash('sha256');
  await using file = await open(path, 'w');
  const write = async (bytes: Buffer) => {
    hash.update(bytes);
    await file.writeFile(bytes);
  };
  await write(waveHeader(sizeBytes - HEADER_BYTES));
  for (let left = sizeBytes - HEADER_BYTES; left > 0; left -= CHUNK_BYTES) {
    await write(stream.update(zeros.subarray(0, Math.min(left, CHUNK_BYTES))));
  }
  await file.sync();
  const sha256 = hash.digest('hex');
  await writeFile(note, sha256);
  return { name, path, sizeBytes, sha256 };
}

function waveHeader(dataBytes: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(48_000, 24);
  header.writeUInt32LE(BYTES_PER_SECOND, 28);
  header.writeUInt16LE(4, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}
