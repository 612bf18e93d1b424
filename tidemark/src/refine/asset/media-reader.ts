import type { MediaInfo, MediaInfoResult } from 'mediainfo.js';
import type { PieceReader } from './piece-reader.ts';
import { completeWaveHead, isWave } from './streamed-wave.ts';

/** Read unit; MediaInfo asks for ranges, mostly at the beginning and the end. */
const CHUNK_BYTES = 256 * 1024;
/** Most that is read of one file; the index of a long MP4 is some tens of MiB. */
const READ_BYTES_MAX = 64 * 1024 * 1024;
/**
 * Of a WAV file. MediaInfo would read every byte of uncompressed sound, at 10 ms a MiB, and give the same answer: what it
 * says is in the head, and samples that are an encoded stream in disguise show it in the first ones.
 */
const WAVE_READ_BYTES_MAX = 1024 * 1024;

/** Kept between files: a new instance costs 23 ms a file, a used one 3 ms. Null while one is in use. */
let idle: MediaInfo | null = null;

/**
 * What MediaInfo says of a file, by ranged reads; null where it fails on the bytes.
 * @throws what reading the file throws.
 */
export async function readMedia(file: PieceReader): Promise<MediaInfoResult | null> {
  const reader = idle ?? (await newReader());
  idle = null;
  let readBytes = 0;
  let readBytesMax = READ_BYTES_MAX;
  const failures: unknown[] = [];
  const read = async (length: number, offset: number) => {
    try {
      if (readBytes >= readBytesMax) return new Uint8Array(0);
      const piece = await file.read(offset, length);
      readBytes += piece.length;
      if (offset === 0 && isWave(piece)) readBytesMax = WAVE_READ_BYTES_MAX;
      return offset === 0 ? completeWaveHead(piece, file.sizeBytes) : piece;
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  try {
    const result = await reader.analyzeData(file.sizeBytes, read);
    idle = reader;
    return result;
  } catch {
    // The module is in an unknown state after a failure within: it is left to the garbage collector.
    if (failures.length > 0) throw failures[0];
    return null;
  }
}

async function newReader(): Promise<MediaInfo> {
  const { mediaInfoFactory } = await import('mediainfo.js');
  return mediaInfoFactory({ format: 'object', chunkSize: CHUNK_BYTES });
}
