import { createReadStream } from 'node:fs';
import type { TextDecoder as Utf8Decoder } from 'node:util';
import type { Mismatch } from './mismatch.ts';
import { MismatchList } from './mismatch-list.ts';
import { readSidecarLines } from './read-sidecar-lines.ts';
import type { LandedSidecar, SidecarCheck } from './sidecar.ts';

/** Recognised text is UTF-8 without NULs; in a file named `.jsonl` or `.ndjson`, one JSON object a line. */
export async function checkOcrText(check: SidecarCheck): Promise<readonly Mismatch[]> {
  const { sidecar, limits } = check;
  const subject = sidecar.declaredPath;
  if (!/\.(jsonl|ndjson)$/i.test(subject)) return await checkPlainText(check);
  const list = new MismatchList({ subject, keptMax: limits.violationsPerRecordMax });
  for await (const line of readSidecarLines(check)) {
    if (line.kind === 'object') continue;
    const { rule, received } = line.violation;
    const expected = 'one JSON object a line (JSONL)';
    list.add({ rule: 'ocr_not_jsonl', expected, received: `${rule}: ${received}`, line: line.number });
  }
  return list.all;
}

/** Names the first line that is not text. */
async function checkPlainText({ sidecar, limits, signal }: SidecarCheck): Promise<readonly Mismatch[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for await (const chunk of createReadStream(sidecar.path, { highWaterMark: limits.chunkBytes, signal })) {
    // A line feed is never part of a longer character, so every line is decoded to its end by itself.
    for (const piece of linePieces(chunk as Buffer)) {
      const fault = faultOf(decoder, piece);
      if (fault !== null) return notText({ sidecar, received: fault, line });
      if (piece.isEnded) line += 1;
    }
  }
  const cut = faultOf(decoder, { bytes: Buffer.alloc(0), isEnded: true });
  return cut === null
    ? []
    : notText({ sidecar, received: 'a character cut off at the end of the file', line });
}

interface LinePiece {
  readonly bytes: Buffer;
  /** Whether it holds the end of its line. */
  readonly isEnded: boolean;
}

function* linePieces(chunk: Buffer): Generator<LinePiece> {
  for (let start = 0; start < chunk.length; ) {
    const lf = chunk.indexOf(0x0a, start);
    const end = lf === -1 ? chunk.length : lf + 1;
    yield { bytes: chunk.subarray(start, end), isEnded: lf !== -1 };
    start = end;
  }
}

function faultOf(decoder: Utf8Decoder, { bytes, isEnded }: LinePiece): string | null {
  if (bytes.includes(0)) return 'a NUL byte';
  try {
    decoder.decode(bytes, { stream: !isEnded });
    return null;
  } catch {
    return 'bytes that are not UTF-8';
  }
}

function notText(fault: { sidecar: LandedSidecar; received: string; line: number }): readonly Mismatch[] {
  const { sidecar, received, line } = fault;
  return [{ rule: 'ocr_not_text', subject: sidecar.declaredPath, expected: 'UTF-8 text', received, line }];
}
