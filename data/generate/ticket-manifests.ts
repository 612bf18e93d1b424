import type { ManifestAsset } from '../../tidemark/src/manifest/source-manifest.ts';
import type { ManifestDraft, Measure } from './manifest-draft.ts';
import type { PlannedFile } from './planned-lines.ts';
import { CURSOR_START, PRACTICE_BATCH } from './practice-tickets.ts';
import { SNAPSHOT_BATCH } from './tickets.ts';

const TICKET = {
  schema_version: 'source_manifest_v1',
  modality: 'structured',
  source_type: 'ticket_export',
  product_line: 'cross_product',
  license_tag: 'course_synthetic',
  contract_ref: 'omni://contracts/data/ticket/v1',
} as const;

const SNAPSHOT_NOTES: Readonly<Record<string, string>> = {
  'helpdesk-main':
    'Export of the main help desk: later states of some tickets, a few repeats, and every breach of the contract that the desk has produced so far.',
  'partner-portal':
    'Written by a spreadsheet macro: byte order mark, CRLF, local times with offset, one line in Latin-1, one key twice. Repeats tickets of the main desk.',
  'escalation-desk':
    'Second level: mostly later states of tickets from the two files before. The last line has no newline.',
};

export function ticketSnapshotManifest(files: readonly PlannedFile[], measure: Measure): ManifestDraft {
  return {
    name: 'tickets_full.json',
    manifest: {
      manifest_id: 'manifest-tickets-full-20260401-001',
      batch_id: SNAPSHOT_BATCH,
      ...TICKET,
      load_mode: 'full_snapshot',
      canonization_status: 'raw',
      gate_policy: { on_missing_checksum: 'quarantine', on_pii_gap: 'quarantine' },
      assets: files.map((file) => ({
        ...declare(file),
        ...measure(file.path),
        language: 'en',
        metadata_status: 'complete',
        pii_scan_status: 'redacted',
        notes: SNAPSHOT_NOTES[file.sourceId] ?? '',
      })),
      ingest_config: { parser: 'custom', pii_scan: true },
      notes:
        'All tickets of the first quarter of 2026 as three desks tell them, in one batch. What must come of every file is in data/seeds/expected.json.',
      created_at: '2026-04-01T05:00:00Z',
      owner: 'support-data',
    },
  };
}

/** How each asset of the practice is to be judged, and why. */
const PRACTICE: Readonly<Record<string, Partial<ManifestAsset> & { notes: string }>> = {
  'helpdesk-main-delta': {
    metadata_status: 'complete',
    pii_scan_status: 'redacted',
    notes:
      'accept: everything is declared. Some records lie before cursor_start (out of window), two exactly at it, five repeat what the snapshot brought.',
  },
  'partner-portal-delta': {
    metadata_status: 'complete',
    pii_scan_status: 'redacted',
    checksum_sha256: null,
    notes: 'warn: the portal gives no checksum. It goes in and leaves a repair task.',
  },
  'escalation-desk-delta': {
    metadata_status: 'partial',
    pii_scan_status: 'clear',
    notes: 'warn: nobody has said yet which languages it holds, so its metadata is partial.',
  },
  'voice-desk': {
    metadata_status: 'complete',
    pii_scan_status: 'suspected',
    notes: 'quarantine: the scan suspects names and telephone numbers. To be redacted and delivered again.',
  },
  'acquired-desk': {
    metadata_status: 'missing',
    pii_scan_status: 'clear',
    notes: 'quarantine: the help desk of an acquired firm, its metadata is missing altogether.',
  },
};

export function ticketPracticeManifest(files: readonly PlannedFile[], measure: Measure): ManifestDraft {
  return {
    name: 'tickets_incremental_practice.json',
    manifest: {
      manifest_id: 'manifest-tickets-practice-20260408-001',
      batch_id: PRACTICE_BATCH,
      ...TICKET,
      load_mode: 'incremental_cursor',
      canonization_status: 'in_progress',
      selection_window: { cursor_field: 'updated_at', cursor_start: CURSOR_START, cursor_end: null },
      gate_policy: {
        on_missing_checksum: 'warn',
        on_partial_metadata: 'warn',
        on_missing_metadata: 'quarantine',
        on_pii_gap: 'quarantine',
      },
      assets: files.map((file) => {
        const judged = PRACTICE[file.sourceId];
        if (judged === undefined) throw new Error(`${file.sourceId} is not declared`);
        return { ...declare(file), ...measure(file.path), ...judged };
      }),
      ingest_config: { parser: 'custom', pii_scan: true },
      notes:
        'For practice: one week of changes after the full snapshot. Its assets end as accept, warn and quarantine, each for a reason of its own.',
      created_at: '2026-04-08T05:00:00Z',
      owner: 'support-data',
    },
  };
}

function declare(file: PlannedFile) {
  return { source_id: file.sourceId, source_url_or_path: file.path, asset_type: 'jsonl' } as const;
}
