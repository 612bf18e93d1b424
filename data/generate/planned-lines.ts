import type { GeneratedFile } from './generated-file.ts';
import type { Ticket } from './ticket-story.ts';

/** A rule that a planted offence breaks; a pointer where a contract is broken, none where the line is not a record. */
export interface PlantedRule {
  readonly rule: string;
  readonly pointer?: string;
}

/** One line as it was meant, so that the truth about a file is known without reading it. */
export type PlannedLine =
  | {
      readonly kind: 'record';
      readonly ticket: Ticket;
      /** Equal for lines whose records differ in lineage or spelling alone, and for no others. */
      readonly content: string;
      readonly spelling: 'plain' | 'respelled';
      /** It lies before the cursor window of its manifest. */
      readonly beforeWindow: boolean;
    }
  | {
      readonly kind: 'offence';
      /** `malformed`: no record can be read from the line. `invalid`: a record that breaks its contract. */
      readonly as: 'malformed' | 'invalid';
      readonly bytes: Uint8Array;
      readonly rules: readonly PlantedRule[];
    }
  | { readonly kind: 'blank' };

export type PlannedRecord = Extract<PlannedLine, { kind: 'record' }>;

export interface PlannedFile {
  readonly path: string;
  readonly sourceId: string;
  readonly byteOrderMark: boolean;
  readonly lineEnd: '\n' | '\r\n';
  readonly endsWithNewline: boolean;
  readonly lines: readonly PlannedLine[];
}

export function firstVersion(ticket: Ticket): PlannedRecord {
  const content = `${ticket.ticket_id} as first told`;
  return { kind: 'record', ticket, content, spelling: 'plain', beforeWindow: false };
}

/** The same record from another source or batch, perhaps spelt by another exporter: a duplicate. */
export function redelivered(
  line: PlannedRecord,
  by: { sourceId: string; batchId: string; spelling: PlannedRecord['spelling'] },
): PlannedRecord {
  const ticket = { ...line.ticket, source_id: by.sourceId, ingest_batch_id: by.batchId };
  return { ...line, ticket, spelling: by.spelling };
}

export function writePlannedFile(file: PlannedFile): GeneratedFile {
  const parts: Uint8Array[] = file.byteOrderMark ? [Buffer.from('\uFEFF')] : [];
  file.lines.forEach((line, index) => {
    if (line.kind === 'record') parts.push(Buffer.from(spell(line.ticket, line.spelling)));
    if (line.kind === 'offence') parts.push(line.bytes);
    const last = index === file.lines.length - 1;
    if (!last || file.endsWithNewline) parts.push(Buffer.from(file.lineEnd));
  });
  return { path: file.path, bytes: Buffer.concat(parts) };
}

/** `respelled`: keys backwards, spaces between the parts, everything beyond ASCII escaped; the same JSON value. */
export function spell(record: object, spelling: PlannedRecord['spelling']): string {
  if (spelling === 'plain') return JSON.stringify(record);
  const members = Object.entries(record)
    .reverse()
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  // `u` is left off on purpose: an emoji is escaped as its two surrogates, as JSON wants it.
  return `{ ${members.join(' , ')} }`.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
