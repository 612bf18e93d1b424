import { createHash } from 'node:crypto';
import { type Line, minuteOf } from './deliveries.ts';
import { timeOf } from './names.ts';

/** A delivery as it lies in its file. */
export const bytesOf = (lines: readonly Line[]): string => lines.map((line) => `${textOf(line)}\n`).join('');

export const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

function textOf(line: Line): string {
  if (line.kind === 'blank') return '';
  if (line.kind === 'broken') return '{"ticket_id":';
  const { id, note, status, exported } = line;
  return JSON.stringify({
    ticket_id: `T${id}`,
    note,
    status,
    created_at: timeOf(minuteOf(id)),
    ingest_batch_id: `export-${exported}`,
  });
}
