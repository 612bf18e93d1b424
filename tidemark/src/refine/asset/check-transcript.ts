import type { JsonObject } from '../../model/json.ts';
import { TRANSCRIPT_END_TOLERANCE_SEC } from './duration-tolerance.ts';
import type { Mismatch } from './mismatch.ts';
import { MismatchList } from './mismatch-list.ts';
import { readSidecarLines } from './read-sidecar-lines.ts';
import type { SidecarCheck } from './sidecar.ts';

type LineMismatch = Pick<Mismatch, 'rule' | 'expected' | 'received'>;

/**
 * A transcript is JSON lines, one segment each: `start_sec` and `end_sec` (or `start` and `end`) in seconds from the
 * start of the media, and `text`; other members are free. It may be empty: nobody spoke.
 */
export async function checkTranscript(check: SidecarCheck): Promise<readonly Mismatch[]> {
  const { sidecar, mediaDurationSec, limits } = check;
  const list = new MismatchList({ subject: sidecar.declaredPath, keptMax: limits.violationsPerRecordMax });
  for await (const line of readSidecarLines(check)) {
    const found =
      line.kind === 'object'
        ? judgeSegment(line.object, mediaDurationSec)
        : notJsonl(line.violation.received, line.violation.rule);
    for (const mismatch of found) list.add({ ...mismatch, line: line.number });
  }
  return list.all;
}

/** What is wrong with one segment. */
export function judgeSegment(segment: JsonObject, mediaDurationSec: number | null): readonly LineMismatch[] {
  const start = segment.start_sec ?? segment.start;
  const end = segment.end_sec ?? segment.end;
  const found: LineMismatch[] = [];
  if (typeof segment.text !== 'string') {
    found.push({ rule: 'transcript_without_text', expected: 'text, a string', received: show(segment.text) });
  }
  if (typeof start !== 'number' || typeof end !== 'number') {
    const received = `start ${show(start)}, end ${show(end)}`;
    return [...found, { rule: 'transcript_times', expected: 'start_sec and end_sec, numbers', received }];
  }
  if (start < 0 || end < start) {
    const expected = '0 <= start <= end';
    found.push({ rule: 'transcript_times', expected, received: `start ${start}, end ${end}` });
  }
  const last = Math.max(start, end);
  if (mediaDurationSec !== null && last > mediaDurationSec + TRANSCRIPT_END_TOLERANCE_SEC) {
    const expected = `times within ${mediaDurationSec} s of media (+ ${TRANSCRIPT_END_TOLERANCE_SEC} s)`;
    found.push({ rule: 'transcript_past_end', expected, received: `${last} s` });
  }
  return found;
}

function notJsonl(received: string, rule: string): readonly LineMismatch[] {
  const expected = 'one JSON object a line (JSONL)';
  return [{ rule: 'transcript_not_jsonl', expected, received: `${rule}: ${received}` }];
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : value === null ? 'null' : typeof value;
}
