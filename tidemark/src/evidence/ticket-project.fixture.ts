import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openSqliteCatalog } from '../catalog/open-sqlite.ts';
import { loadContracts } from '../contract/load-contracts.ts';
import { type Home, homeAt } from '../landing/home.ts';
import { DEFAULT_LIMITS, type Limits } from '../model/limits.ts';
import type { RestartPoint } from '../model/restart-points.ts';
import { openTidemark } from '../open-tidemark.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import type { Archive } from './archive.ts';
import type { RunReport } from './run-report.ts';

/** A project of ticket exports in a folder of its own, run by the real engine. */
export interface TicketProject extends AsyncDisposable {
  readonly dir: string;
  readonly home: Home;
  /** Declares one manifest over JSONL exports, and writes the exports. */
  declare(manifest: DeclaredExport): Promise<void>;
  /** Runs every declared manifest; the reports of its runs. */
  run(options?: Parameters<typeof openTidemark>[0]): Promise<RunReport[]>;
  /** Runs in a process of its own that is killed the hard way at a point. */
  runKilledAt(point: RestartPoint, batchId?: string): Promise<void>;
  /** What a reading verb works on; closed with the project. */
  archive(limits?: Partial<Limits>): Promise<Archive>;
}

export interface DeclaredExport {
  readonly name?: string;
  readonly batchId?: string;
  /** Lines of each source's export, by source id. */
  readonly sources: Readonly<Record<string, readonly (string | Uint8Array | object)[]>>;
  /** Sources that the gate holds back. */
  readonly held?: readonly string[];
  readonly changes?: Readonly<Record<string, unknown>>;
}

/** A valid ticket. */
export function ticket(number: number, changes: Readonly<Record<string, unknown>> = {}) {
  const minute = String(number % 60).padStart(2, '0');
  return {
    ticket_id: ticketId(number),
    schema_version: 'ticket_v1',
    source_id: 'tickets:desk',
    ingest_batch_id: 'export-1',
    customer_id: 'customer-7',
    status: 'open',
    priority: 'p2_high',
    product_line: 'northstar_studio',
    created_at: `2026-03-01T10:${minute}:00Z`,
    pii_level: 'none',
    quality_gate: 'pass',
    owner: 'support-desk',
    ...changes,
  };
}

export function ticketId(number: number): string {
  return `TKT-20260301-${String(number).padStart(6, '0')}`;
}

export function manifestId(name = 'desk'): string {
  return `manifest-${name}-20260301-001`;
}

export async function ticketProject(): Promise<TicketProject> {
  const folder = await tempFolder();
  const dir = folder.path;
  const home = homeAt(join(dir, '.tidemark'));
  await mkdir(join(dir, 'data/seed_manifests'), { recursive: true });
  await mkdir(join(dir, 'exports'), { recursive: true });
  const contracts = fileURLToPath(new URL('../../../contracts/data', import.meta.url));
  await cp(contracts, join(dir, 'contracts/data'), { recursive: true });
  const opened = new Map<string, Archive>();
  return {
    dir,
    home,
    declare: async (manifest) => await writeManifest(dir, manifest),
    run: async (options = {}) => {
      await using tidemark = await openTidemark({ project: dir, ...options });
      const { runs, unopened } = await tidemark.run();
      if (unopened.length > 0) throw new Error(JSON.stringify(unopened));
      return [...runs];
    },
    runKilledAt: async (point, batchId = '') => {
      const script = `
        const { openTidemark } = await import(${JSON.stringify(new URL('../open-tidemark.ts', import.meta.url))});
        const [, project, point, batchId] = process.argv;
        const onReached = (reached) => { if (reached === point) process.kill(process.pid, 'SIGKILL'); };
        await using tidemark = await openTidemark({ project, onReached });
        await tidemark.run(batchId ? { batchId } : {});`;
      const args = ['--input-type=module', '--eval', script, dir, point, batchId];
      await assert.rejects(promisify(execFile)(process.execPath, args), { signal: 'SIGKILL' });
    },
    archive: async (limits = {}) => {
      const known = opened.get(JSON.stringify(limits));
      if (known !== undefined) return known;
      const archive = {
        root: dir,
        home,
        catalog: openSqliteCatalog({ path: home.catalogPath, readOnly: false }),
        catalogAt: { kind: 'sqlite' as const, path: home.catalogPath },
        contracts: await loadContracts({ dir: join(dir, 'contracts/data'), limits: DEFAULT_LIMITS }),
        limits: { ...DEFAULT_LIMITS, ...limits },
        signal: new AbortController().signal,
      };
      opened.set(JSON.stringify(limits), archive);
      return archive;
    },
    [Symbol.asyncDispose]: async () => {
      for (const { catalog } of opened.values()) await catalog.destroy();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function writeManifest(dir: string, declared: DeclaredExport): Promise<void> {
  const name = declared.name ?? 'desk';
  const assets = [];
  for (const [sourceId, lines] of Object.entries(declared.sources)) {
    const bytes = exportOf(lines);
    const path = `exports/${name}-${sourceId.replaceAll(':', '-')}.jsonl`;
    await writeFile(join(dir, path), bytes);
    assets.push({
      source_id: sourceId,
      source_url_or_path: path,
      asset_type: 'jsonl',
      size_bytes: bytes.length,
      checksum_sha256: hash('sha256', bytes),
      metadata_status: declared.held?.includes(sourceId) ? 'missing' : 'complete',
      pii_scan_status: 'clear',
    });
  }
  const manifest = {
    manifest_id: manifestId(name),
    schema_version: 'source_manifest_v1',
    batch_id: declared.batchId ?? 'batch-1',
    modality: 'structured',
    source_type: 'ticket_export',
    license_tag: 'cc_by',
    contract_ref: 'omni://contracts/data/ticket/v1',
    load_mode: 'full_snapshot',
    created_at: '2026-03-01T00:00:00Z',
    owner: 'support-desk',
    assets,
    ...declared.changes,
  };
  await writeFile(join(dir, `data/seed_manifests/${name}.json`), JSON.stringify(manifest, null, 2));
}

function exportOf(lines: readonly (string | Uint8Array | object)[]): Buffer {
  return Buffer.concat(
    lines.flatMap((line) => {
      if (line instanceof Uint8Array) return [line, Buffer.from('\n')];
      return [Buffer.from(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`)];
    }),
  );
}
