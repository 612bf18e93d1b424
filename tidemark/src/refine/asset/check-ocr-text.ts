import { createReadStream } from 'node:fs';
import type { SidecarCheck } from './check-sidecar.ts';
import type { Mismatch } from './mismatch.ts';
import { MismatchList } from './mismatch-list.ts';
import { readSidecarLines } from './read-sidecar-lines.ts';

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
  const fault = (received: string, line: number): readonly Mismatch[] => [
    { rule: 'ocr_not_text', subject: sidecar.declaredPath, expected: 'UTF-8 text', received, line },
  ];
  let line = 1;
  for await (const chunk of createReadStream(sidecar.path, { highWaterMark: limits.chunkBytes, signal })) {
    const bytes = chunk as Buffer;
    const nul = bytes.indexOf(0);
    if (nul !== -1) return fault('a NUL byte', line + countLines(bytes.subarray(0, nul)));
    if (!decodes(decoder, bytes)) return fault('bytes that are not UTF-8', line + linesBeforeFault(bytes));
    line += countLines(bytes);
  }
  return decodes(decoder, null) ? [] : fault('a character cut off at the end of the file', line);
}

/** Null ends the text. */
function decodes(decoder: TextDecoder, bytes: Uint8Array | null): boolean {
  try {
    decoder.decode(bytes ?? new Uint8Array(0), { stream: bytes !== null });
    return true;
  } catch {
    return false;
  }
}

/** Line feeds before the first ill-formed sequence of a chunk that has one, or that ends one begun before it. */
function linesBeforeFault(bytes: Buffer): number {
  const lenient = bytes.toString('utf8');
  const fault = lenient.indexOf('\uFFFD');
  return countLines(Buffer.from(lenient.slice(0, Math.max(0, fault))));
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}
