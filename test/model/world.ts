import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunReport } from '../../tidemark/src/evidence/run-report.ts';
import type { Advice } from '../../tidemark/src/recovery/advise-batches.ts';
import { homeOf } from '../../tidemark/src/testing/run-project.ts';
import { type SampleProject, sampleProject } from '../../tidemark/src/testing/sample-project.ts';
import type { Invocation, Tidemark } from '../../tidemark/src/tidemark.ts';
import { bytesOf, sumOf } from './delivered-bytes.ts';
import { CONTRACTS, type ContractName, type Line } from './deliveries.ts';
import type { RecoveryVerb } from './expected/purpose.ts';
import {
  type BatchName,
  CURSOR_START,
  declaredWindow,
  declaresSum,
  instantOf,
  isFolder,
  MANIFEST_NAMES,
  manifestIdOf,
  type PlaceName,
  partAt,
  type SourceName,
  sourcesOf,
  timeOf,
  type Window,
} from './names.ts';
import { type CrashPoint, type Held, MortalProject, type Worked } from './simulated-crash.ts';
import { tickingClock } from './ticking-clock.ts';

const CONTRACT_REF = 'omni://contracts/data/ticket/v1';

/** One contract of few columns makes small files and is opened faster than four; two files of a like size become one. */
function settings({ expires }: { expires: boolean }): string {
  const limits = {
    duckdbThreads: 1,
    filesCompactMin: 2,
    ...(expires && { snapshotsKeptMin: 1, snapshotsKeptMax: 1, metadataFilesKept: 1 }),
  };
  return JSON.stringify({ contracts: 'model-contracts', maintenance: { automatic: false }, limits });
}

/** The real thing: a project on a real disk, with the engine in this process. */
export class World implements AsyncDisposable {
  readonly #project: SampleProject;
  readonly #mortal: MortalProject;
  #expires = false;
  readonly #declared = new Map<SourceName, { sum: string; held: boolean }>();

  private constructor(project: SampleProject) {
    this.#project = project;
    this.#mortal = new MortalProject({ project: project.root, home: this.home, clock: tickingClock() });
  }

  static async create(): Promise<World> {
    const project = await sampleProject();
    await project.write('tidemark.yaml', settings({ expires: false }));
    await mkdir(join(project.root, 'data/f'), { recursive: true });
    return new World(project);
  }

  get home(): string {
    return homeOf(this.#project);
  }

  async deliver(
    place: PlaceName,
    lines: readonly Line[] | null,
    options: { quietly: boolean },
  ): Promise<void> {
    const path = `data/${place}.jsonl`;
    const text = bytesOf(lines ?? []);
    if (lines === null) await rm(join(this.#project.root, path), { force: true });
    else await this.#project.write(path, text);
    if (options.quietly) return;
    await this.#declare(partAt(place).source, { sum: sumOf(text) });
  }

  async hold(source: SourceName, held: boolean): Promise<void> {
    await this.#declare(source, { held });
  }

  async #declare(source: SourceName, fields: { sum?: string; held?: boolean }): Promise<void> {
    this.#declared.set(source, { sum: '', held: false, ...this.#declared.get(source), ...fields });
    const manifest = MANIFEST_NAMES.find((name) => sourcesOf(name).includes(source)) ?? 'desk';
    const assets = sourcesOf(manifest).map((name) => {
      const { sum, held } = this.#declared.get(name) ?? { sum: '0'.repeat(64), held: false };
      return {
        source_id: name,
        source_url_or_path: isFolder(name) ? `data/${name}` : `data/${name}.jsonl`,
        asset_type: 'jsonl' as const,
        pii_scan_status: 'clear' as const,
        metadata_status: held ? ('missing' as const) : ('complete' as const),
        ...(declaresSum(name) && { checksum_sha256: sum }),
      };
    });
    const cursor = { cursor_field: 'created_at', cursor_start: timeOf(CURSOR_START) };
    await this.#project.manifest(manifest, {
      assets,
      batch_id: 'one',
      ...(declaredWindow(manifest) && { load_mode: 'incremental_cursor' as const, selection_window: cursor }),
    });
  }

  async setContract(name: ContractName): Promise<void> {
    await this.#project.write('model-contracts/ticket.json', JSON.stringify(contractDocument(name)));
    await this.#mortal.close();
  }

  async run(of: BatchName, crash: CrashPoint | null): Promise<Worked<RunReport>> {
    return await this.#mortal.work(async (tidemark) => opened(await this.#runOf(tidemark, of)), crash);
  }

  /** A run that may be refused. */
  async attempt(of: BatchName): Promise<Invocation> {
    return await this.ask(async (tidemark) => await this.#runOf(tidemark, of));
  }

  /** A run that is held where it comes by the point; what is done next is done beside it. */
  async runUntil(
    of: BatchName,
    at: CrashPoint,
  ): Promise<{ readonly kind: 'ended'; readonly value: RunReport } | Held<RunReport>> {
    return await this.#mortal.hold(async (tidemark) => opened(await this.#runOf(tidemark, of)), at);
  }

  takeForDead(): void {
    this.#mortal.takeForDead();
  }

  async #runOf(tidemark: Tidemark, { manifest, batch }: BatchName): Promise<Invocation> {
    const path = join(this.#project.root, `data/seed_manifests/${manifest}.json`);
    return await tidemark.run({ manifestPaths: [path], batchId: batch });
  }

  async recover(
    { manifest, batch }: BatchName,
    { verb, window }: { verb: RecoveryVerb; window?: Window },
    crash: CrashPoint | null,
  ): Promise<Worked<RunReport> & { readonly planId: string }> {
    const of = { manifestId: manifestIdOf(manifest), batchId: batch, reason: 'the story' };
    const interval = { from: timeOf(window?.from ?? 0), to: timeOf(window?.to ?? 0) };
    const request = verb === 'backfill' ? { ...of, verb, ...interval } : { ...of, verb };
    const planned = await this.#mortal.work(async (tidemark) => await tidemark.planRecovery(request));
    if (planned.kind === 'died') throw new Error('planning comes by no restart point');
    const { planId } = planned.value;
    return { ...(await this.again({ verb, planId, crash })), planId };
  }

  async again({
    verb,
    planId,
    crash,
  }: {
    verb: RecoveryVerb;
    planId: string;
    crash: CrashPoint | null;
  }): Promise<Worked<RunReport>> {
    return await this.#mortal.work(async (tidemark) => await tidemark.executePlan({ verb, planId }), crash);
  }

  async setState(
    sourceId: SourceName,
    { object, minute }: { object: 'cursor' | 'watermark'; minute: number },
  ): Promise<void> {
    const value = object === 'cursor' ? timeOf(minute) : instantOf(minute);
    const request = { table: 'ticket', sourceId, object, value, field: 'created_at', reason: 'the story' };
    await this.ask(async (tidemark) => {
      const { planId } = await tidemark.planState(request);
      await tidemark.executeState({ planId });
    });
  }

  async maintain({ expires, crash }: { expires: boolean; crash: CrashPoint | null }): Promise<void> {
    if (expires !== this.#expires) {
      this.#expires = expires;
      await this.#project.write('tidemark.yaml', settings({ expires }));
      await this.#mortal.close();
    }
    await this.#mortal.work(async (tidemark) => {
      const { planId } = await tidemark.planMaintenance();
      await tidemark.executeMaintenance({ planId });
    }, crash);
  }

  async advice(): Promise<Advice[]> {
    return await this.ask(async (tidemark) => await tidemark.advise());
  }

  async ask<T>(question: (tidemark: Tidemark) => Promise<T>): Promise<T> {
    const answer = await this.#mortal.work(question);
    if (answer.kind === 'died') throw new Error('a question does not die');
    return answer.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mortal.close();
    await this.#project[Symbol.asyncDispose]();
  }
}

function opened({ runs: [report], unopened, refused }: Invocation): RunReport {
  if (report !== undefined) return report;
  throw new Error(`the run did not open: ${JSON.stringify({ unopened, refused })}`);
}

function contractDocument(name: ContractName): unknown {
  const wanted = ([0, 1] as const).flatMap((note) =>
    (['open', 'parked', 'lost'] as const).map((status) => ({ note, status })),
  );
  const accepts = wanted.filter((fields) =>
    CONTRACTS[name]({ kind: 'record', id: 0, exported: 0, ...fields }),
  );
  return {
    $id: CONTRACT_REF,
    title: name,
    type: 'object',
    additionalProperties: false,
    required: ['ticket_id', 'note', 'status', 'created_at', 'ingest_batch_id'],
    properties: {
      ticket_id: { type: 'string' },
      note: { type: 'integer', maximum: Math.max(...accepts.map(({ note }) => note)) },
      status: { type: 'string', enum: [...new Set(accepts.map(({ status }) => status))] },
      created_at: { type: 'string', format: 'date-time' },
      ingest_batch_id: { type: 'string' },
    },
  };
}
