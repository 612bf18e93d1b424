import type { PlannedFile, PlantedRule } from './planned-lines.ts';

export interface LinePlace {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
}

/** What must come of one ticket file, if it is admitted after everything that stands before it. */
export interface TicketAccount {
  readonly path: string;
  readonly source_id: string;
  readonly lines: number;
  readonly blank: number;
  /** accepted + duplicate + duplicate_of_history + out_of_window + malformed + invalid */
  readonly read: number;
  readonly accepted: number;
  /** Their keeper is in the same batch. */
  readonly duplicate: number;
  /** Their keeper is in an earlier batch; without that batch they would be accepted. */
  readonly duplicate_of_history: number;
  readonly out_of_window: number;
  readonly malformed: number;
  readonly invalid: number;
  /** Of the accepted: other content under a ticket_id that was accepted before. */
  readonly new_version: number;
  readonly rejected_lines: readonly { readonly line: number; readonly rules: readonly PlantedRule[] }[];
  readonly duplicate_lines: readonly { readonly line: number; readonly keeper: LinePlace }[];
  readonly out_of_window_lines: readonly number[];
  readonly new_version_lines: readonly { readonly line: number; readonly earlier: LinePlace }[];
}

/** What was accepted so far, over all batches, in the order in which they are read. */
export interface Accepted {
  readonly byContent: Map<string, LinePlace>;
  readonly byTicket: Map<string, LinePlace>;
}

export function nothingAccepted(): Accepted {
  return { byContent: new Map(), byTicket: new Map() };
}

/** Accounts for the files of one batch, in the order of the manifest, adding to `accepted` as it goes. */
export function accountForBatch(files: readonly PlannedFile[], accepted: Accepted): TicketAccount[] {
  const inBatch = new Set(files.map((file) => file.path));
  return files.map((file) => accountForFile(file, { accepted, inBatch }));
}

function accountForFile(
  file: PlannedFile,
  { accepted, inBatch }: { accepted: Accepted; inBatch: ReadonlySet<string> },
): TicketAccount {
  const count = { blank: 0, accepted: 0, duplicate: 0, duplicate_of_history: 0, malformed: 0, invalid: 0 };
  const rejected: TicketAccount['rejected_lines'][number][] = [];
  const duplicates: TicketAccount['duplicate_lines'][number][] = [];
  const versions: TicketAccount['new_version_lines'][number][] = [];
  const outside: number[] = [];
  file.lines.forEach((planned, index) => {
    const line = index + 1;
    if (planned.kind === 'blank') {
      count.blank += 1;
    } else if (planned.kind === 'offence') {
      count[planned.as] += 1;
      rejected.push({ line, rules: planned.rules });
    } else if (planned.beforeWindow) {
      outside.push(line);
    } else {
      const keeper = accepted.byContent.get(planned.content);
      if (keeper !== undefined) {
        count[inBatch.has(keeper.path) ? 'duplicate' : 'duplicate_of_history'] += 1;
        duplicates.push({ line, keeper });
        return;
      }
      const place = { path: file.path, line };
      const earlier = accepted.byTicket.get(planned.ticket.ticket_id);
      if (earlier !== undefined) versions.push({ line, earlier });
      accepted.byContent.set(planned.content, place);
      accepted.byTicket.set(planned.ticket.ticket_id, place);
      count.accepted += 1;
    }
  });
  const { blank, ...outcomes } = count;
  return {
    path: file.path,
    source_id: file.sourceId,
    lines: file.lines.length,
    blank,
    read: file.lines.length - blank,
    accepted: outcomes.accepted,
    duplicate: outcomes.duplicate,
    duplicate_of_history: outcomes.duplicate_of_history,
    out_of_window: outside.length,
    malformed: outcomes.malformed,
    invalid: outcomes.invalid,
    new_version: versions.length,
    rejected_lines: rejected,
    duplicate_lines: duplicates,
    out_of_window_lines: outside,
    new_version_lines: versions,
  };
}
