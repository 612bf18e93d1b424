import type { RunReport } from '../evidence/run-report.ts';
import { openTidemark } from '../open-tidemark.ts';
import { configure } from './configure.ts';
import { tablesAsSeen } from './read-tables.ts';
import { homeOf } from './run-project.ts';
import { type SampleProject, sampleProject, ticket } from './sample-project.ts';

/** Of the project that `relationProject` makes. */
export const MANIFEST = 'manifest-m-20260401-001';

/** A project that reads tickets from a database, `desk` under its connections, from the cursor `updated_at` on. */
export interface RelationProject extends AsyncDisposable {
  readonly project: SampleProject;
  /** Declares the one source anew. */
  declare(location: string, settings?: object): Promise<void>;
}

export async function relationProject(connection: object, location: string): Promise<RelationProject> {
  const project = await sampleProject();
  await configure(project, { connections: { desk: connection } });
  const declare = async (declared: string, settings = {}) =>
    void (await project.manifest('m', {
      load_mode: 'incremental_cursor',
      selection_window: { cursor_field: 'updated_at', cursor_start: '2026-01-01T00:00:00Z' },
      assets: [
        {
          source_id: 'desk',
          source_url_or_path: declared,
          asset_type: 'jsonl',
          metadata_status: 'complete',
          pii_scan_status: 'clear',
        },
      ],
      ...settings,
    }));
  await declare(location);
  return { project, declare, [Symbol.asyncDispose]: async () => await project[Symbol.asyncDispose]() };
}

export function changed(number: number, at: string, fields = {}) {
  return ticket(number, { updated_at: at, ...fields });
}

/** Of April 2026. */
export function day(of: number): string {
  return `2026-04-${String(of).padStart(2, '0')}T00:00:00Z`;
}

export function account({ recordTally: { read, accepted, duplicate } }: RunReport) {
  return { read, accepted, duplicate };
}

export async function rowsOf(project: SampleProject) {
  return (await tablesAsSeen(homeOf(project))).ticket ?? [];
}

export function noteOf(report: RunReport): string {
  return report.assets[0]?.note ?? '';
}

export function findingOf(report: RunReport): string {
  return report.assets[0]?.findings[0]?.message ?? '';
}

/** What `verify` says, with every symptom. */
export async function verdictOf(project: SampleProject): Promise<string> {
  await using tidemark = await openTidemark({ project: project.root });
  const { verdict, symptoms } = await tidemark.verify();
  return [verdict, ...symptoms.map(({ kind, message }) => `${kind}: ${message}`)].join('\n');
}
