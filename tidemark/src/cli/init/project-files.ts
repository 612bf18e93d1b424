import { createHash } from 'node:crypto';
import { SAMPLE_BATCH_ID, SAMPLE_SOURCE_ID, sampleTickets } from './sample-tickets.ts';
import ticketContract from './ticket-contract.json' with { type: 'json' };

/** One file of a new project: its path below the root, its text, and what it is for. */
export interface ProjectFile {
  readonly path: string;
  readonly text: string;
  readonly what: string;
}

/** Pure, and the same every time: a project that runs as it stands. */
export function projectFiles(): ProjectFile[] {
  const data = { path: 'data/seeds/tickets.jsonl', text: sampleTickets() };
  return [
    { path: 'tidemark.yaml', text: CONFIG, what: 'settings; this folder is the root of the project' },
    {
      path: 'contracts/data/ticket.json',
      text: json(ticketContract),
      what: 'the contract: what a ticket is',
    },
    {
      path: 'contracts/fixtures/ticket.json',
      text: json(fixtures()),
      what: 'records with the judgement they must get',
    },
    {
      path: 'data/seed_manifests/tickets.json',
      text: json(manifest(data)),
      what: 'the manifest: what is taken in, and how',
    },
    { ...data, what: 'ten tickets: eight good, one repeated, one invalid' },
  ];
}

const CONFIG = `# A Tidemark project. Every setting has a default; these are the ones most often changed.
# Paths are relative to this file. Sources are read below this folder and nowhere else.

# Where Tidemark keeps everything: catalog, tables, raw bytes, evidence. Not for version control.
home: .tidemark

manifests: data/seed_manifests
contracts: contracts/data
fixtures: contracts/fixtures

# tables:
#   ticket:
#     partition_by: ["day(created_at)"]
`;

function manifest(data: { path: string; text: string }): object {
  const bytes = Buffer.from(data.text);
  return {
    manifest_id: 'manifest-tickets-20260306-001',
    schema_version: 'source_manifest_v1',
    batch_id: SAMPLE_BATCH_ID,
    modality: 'structured',
    source_type: 'ticket_export',
    product_line: 'northstar_workspace',
    license_tag: 'course_synthetic',
    contract_ref: ticketContract.$id,
    load_mode: 'full_snapshot',
    assets: [
      {
        source_id: SAMPLE_SOURCE_ID,
        source_url_or_path: data.path,
        asset_type: 'jsonl',
        size_bytes: bytes.length,
        checksum_sha256: createHash('sha256').update(bytes).digest('hex'),
        metadata_status: 'complete',
        pii_scan_status: 'clear',
      },
    ],
    created_at: '2026-03-06T12:00:00Z',
    owner: 'support-data',
  };
}

function fixtures(): object {
  const lines = sampleTickets().trimEnd().split('\n');
  return {
    contract: ticketContract.$id,
    cases: [
      { name: 'a good ticket', record: JSON.parse(lines.at(0) ?? '{}'), outcome: 'valid' },
      {
        name: 'a priority that the contract does not know',
        record: JSON.parse(lines.at(-1) ?? '{}'),
        outcome: 'invalid',
        violations: [{ rule: 'enum', pointer: '/priority' }],
      },
    ],
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
