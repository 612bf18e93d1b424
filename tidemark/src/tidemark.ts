import type { IncidentQuery } from './catalog/find-incidents.ts';
import type { NumberedMove } from './catalog/progress-moves.ts';
import type { ProjectConfig } from './config/read-config.ts';
import type { ContractTestReport } from './contract/contract-test.ts';
import { TidemarkError, TransientError } from './errors/tidemark-error.ts';
import type { PartitionsQuery, PartitionsReport } from './evidence/partitions/read-partitions.ts';
import type { EvidenceRebuild } from './evidence/rebuild-evidence.ts';
import type { ReconcileQuery, RunReconciliation } from './evidence/reconcile-runs.ts';
import type { RejectRow, RejectsQuery } from './evidence/rejects.ts';
import type { RunReport } from './evidence/run-report.ts';
import type { SourceState } from './evidence/state/read-state.ts';
import type { Story } from './evidence/stories/story.ts';
import type { TableHead } from './evidence/table-heads.ts';
import type { EvidenceVerification } from './evidence/verify-evidence.ts';
import type { Acknowledgement } from './incident/acknowledge.ts';
import type { IncidentList, IncidentStory } from './incident/read-incidents.ts';
import type { Home } from './landing/home.ts';
import { isAway } from './landing/store/away.ts';
import { unmountStore } from './landing/store/mount.ts';
import type { MaintenanceOutcome } from './maintain/execute-plan.ts';
import type { SealedMaintenancePlan } from './maintain/maintenance-plan.ts';
import type { ManifestUpgrade } from './manifest/upgrade-manifest.ts';
import type { Advice } from './recovery/advise-batches.ts';
import type { Diagnosis } from './recovery/diagnosis.ts';
import type { BatchQuery } from './recovery/find-batches.ts';
import type { PartitionBackfills, PartitionSelection } from './recovery/plan-partitions.ts';
import type { RecoveryRequest } from './recovery/plan-recovery.ts';
import type { Overview } from './recovery/read-overview.ts';
import type { RecoveryVerb, SealedPlan } from './recovery/recovery-plan.ts';
import type { StateOutcome } from './recovery/set-state/execute-state.ts';
import type { StateRequest } from './recovery/set-state/plan-state.ts';
import type { SealedStatePlan } from './recovery/set-state/state-plan.ts';
import type { Engine } from './run/engine.ts';
import type { Declarations, Selection } from './run/load-declarations.ts';
import type { IngestPlan } from './run/plan-ingest.ts';
import type { CatalogRepair } from './verify/repair-catalog.ts';
import type { SetBack } from './verify/set-back.ts';
import type { VerificationReport, VerifyOptions } from './verify/verify.ts';

/** Sources told of at once where nobody says how many. */
const SOURCES_SHOWN = 200;

/** Incidents that an invocation tells of one by one. */
const INCIDENTS_SHOWN = 20;

/** What one invocation of `run` did: one run a manifest, all under one trace id. */
export interface Invocation {
  readonly traceId: string;
  readonly refused: Declarations['refused'];
  readonly runs: readonly RunReport[];
  /** Manifests whose run could not even be opened. */
  readonly unopened: readonly {
    readonly manifestId: string;
    readonly path: string;
    readonly failure: NonNullable<RunReport['failure']>;
  }[];
  readonly tables: readonly TableHead[];
  /** What these runs found wrong and nobody has mended, the gravest first. */
  readonly incidents: IncidentList;
}

/**
 * An open project. Everything the command line does is a method here; each loads its stages when it is called, so that
 * telling how things stand does not wait for what runs them.
 */
export class Tidemark implements AsyncDisposable {
  readonly config: ProjectConfig;
  readonly #engine: Engine;

  constructor({ engine, config }: { engine: Engine; config: ProjectConfig }) {
    this.#engine = engine;
    this.config = config;
  }

  /** Where everything is kept. */
  get home(): Home {
    return this.#engine.home;
  }

  /** Reads and judges declarations; opens no source. */
  async check(selection: Selection = {}): Promise<Declarations> {
    const { loadDeclarations } = await import('./run/load-declarations.ts');
    const { contracts, limits, root } = this.#engine;
    return await loadDeclarations({
      root,
      selection,
      defaultDir: this.config.manifestsDir,
      contracts,
      settings: this.#engine.manifestSettings,
      limits,
    });
  }

  /** What `run` would do with every asset, without touching anything. `hash` reads sources to know their sums. */
  async plan(
    selection: Selection & { hash?: boolean; trustMtime?: boolean } = {},
  ): Promise<{ plans: IngestPlan[]; refused: Declarations['refused'] }> {
    const { planIngest } = await import('./run/plan-ingest.ts');
    const { usable, refused } = await this.check(selection);
    const plans: IngestPlan[] = [];
    for (const { declared, batchId, assets } of usable) {
      const { manifest, path } = declared;
      plans.push(
        await planIngest(this.#engine, {
          manifest,
          path,
          batchId,
          assets,
          hash: selection.hash ?? false,
          trustsMtime: selection.trustMtime ?? false,
        }),
      );
    }
    return { plans, refused };
  }

  /**
   * Runs every selected manifest, one after the other; a failing one does not keep the others from running. `trustMtime`
   * does not read sources that were committed and whose size, time of modification and inode are as they were: a file that
   * was changed and given its old time back goes unseen.
   */
  async run(selection: Selection & { trustMtime?: boolean } = {}): Promise<Invocation> {
    const { failureOf } = await import('./run/end-without-commit.ts');
    const { ingest } = await import('./run/ingest.ts');
    const { usable, refused } = await this.check(selection);
    const traceId = this.#engine.clock.newTraceId();
    const runs: RunReport[] = [];
    const unopened: Invocation['unopened'][number][] = [];
    for (const { declared, batchId, assets } of usable) {
      if (this.#engine.signal.aborted) break;
      try {
        runs.push(
          await ingest({
            engine: this.#engine,
            declared,
            batchId,
            assets,
            traceId,
            trustsMtime: selection.trustMtime ?? false,
          }),
        );
      } catch (error) {
        if (!(error instanceof TidemarkError)) throw error;
        unopened.push({
          manifestId: declared.manifest.manifest_id,
          path: declared.path,
          failure: failureOf(error),
        });
      }
    }
    return { traceId, refused, runs, unopened, ...(await this.#afterwards({ runs, unopened })) };
  }

  /** What was committed is committed, though a catalog or a store went away before that could be shown. */
  async #afterwards({
    runs,
    unopened,
  }: Pick<Invocation, 'runs' | 'unopened'>): Promise<Pick<Invocation, 'tables' | 'incidents'>> {
    try {
      const tables = await this.tables().catch((error: unknown) => {
        if (isAway(error)) return [];
        throw error;
      });
      return { tables, incidents: await this.#incidentsOf(runs) };
    } catch (error) {
      if (runs.length + unopened.length === 0 || !(error instanceof TransientError)) throw error;
      return { tables: [], incidents: { incidents: [], more: 0 } };
    }
  }

  async #incidentsOf(runs: readonly RunReport[]): Promise<IncidentList> {
    if (runs.length === 0) return { incidents: [], more: 0 };
    return await this.incidents({ runIds: runs.map(({ runId }) => runId), limit: INCIDENTS_SHOWN });
  }

  /** How the sources of an invocation stand: the same text after a second run. */
  async smokeReport(invocation: Invocation): Promise<string> {
    const { smokeReport } = await import('./evidence/smoke-report.ts');
    return await smokeReport(this.#engine.catalog, invocation.runs);
  }

  /** The head of every table, from metadata alone. */
  async tables(): Promise<TableHead[]> {
    const { tableHeads } = await import('./evidence/table-heads.ts');
    return await tableHeads(this.#engine.catalog);
  }

  /** A sealed recovery plan: what a verb would do, what it assumes, what it would change. Nothing is changed. */
  async planRecovery(request: RecoveryRequest): Promise<SealedPlan> {
    const { planRecovery } = await import('./recovery/plan-recovery.ts');
    return await planRecovery(this.#engine, request);
  }

  /** The one right next step for each batch that is asked for, and the command that plans it. Opens no data file. */
  async advise(query: BatchQuery = {}): Promise<Advice[]> {
    const { adviseBatches } = await import('./recovery/advise-batches.ts');
    return await adviseBatches(this.#engine, query);
  }

  /**
   * What is known of a batch in the order to look for what is wrong: manifest, run, checkpoint and cursor, coverage, class.
   * `target` is a run, batch, manifest, source or incident; without one, what is most urgent. Opens no data file. Null
   * where nothing was ever run.
   */
  async diagnose(target?: string): Promise<Diagnosis | null> {
    const { readDiagnosis } = await import('./recovery/read-diagnosis.ts');
    return await readDiagnosis(this.#engine, target ?? null);
  }

  /** Executes a sealed plan once, and only while what it assumes is so. `planId` may be its beginning. */
  async executePlan(request: { readonly planId: string; readonly verb: RecoveryVerb }): Promise<RunReport> {
    const { executePlan } = await import('./recovery/execute-plan.ts');
    return await executePlan(this.#engine, request);
  }

  /** Where sources stand: checkpoint, cursor, watermark, verified-through. At most `limit`, by default 200. */
  async state(query: { readonly target?: string; readonly limit?: number } = {}): Promise<SourceState[]> {
    const { readState } = await import('./evidence/state/read-state.ts');
    const { catalog, clock } = this.#engine;
    return await readState(catalog, { limit: SOURCES_SHOWN, ...query, now: clock.now() });
  }

  /** Moves of progress, newest first. `target` is a source or a table. */
  async stateHistory(query: { readonly target?: string; readonly limit: number }): Promise<NumberedMove[]> {
    const { listMoves } = await import('./catalog/progress-moves.ts');
    return await listMoves(this.#engine.catalog, query);
  }

  /** All progress as JSON text, piece by piece; the same state gives the same text. */
  async *exportState(): AsyncIterable<string> {
    const { exportState } = await import('./evidence/state/export-state.ts');
    yield* exportState(this.#engine.catalog);
  }

  /** A sealed plan to set a cursor or a watermark: before, after, and what forward runs would read again or never. */
  async planState(request: StateRequest): Promise<SealedStatePlan> {
    const { planState } = await import('./recovery/set-state/plan-state.ts');
    return await planState(this.#engine, request);
  }

  /** Sets what a sealed plan says, once, unless a run is in progress or the source has moved since. */
  async executeState(request: { readonly planId: string }): Promise<StateOutcome> {
    const { executeState } = await import('./recovery/set-state/execute-state.ts');
    return await executeState(this.#engine, request);
  }

  /** Whether anything was ever run here: a project that never ran reads as empty. */
  async hasCatalog(): Promise<boolean> {
    const { isThere } = await import('./catalog/open-catalog.ts');
    return await isThere(this.#engine.catalogAt);
  }

  /** How everything stands, what is not well and what to do about it; opens no data file. */
  async status(): Promise<Overview> {
    const { readOverview } = await import('./recovery/read-overview.ts');
    return await readOverview(this.#engine);
  }

  /** The grid manifest × partition: missing, partial, stale, complete, verified. From the catalog alone. */
  async partitions(query: PartitionsQuery = {}): Promise<PartitionsReport> {
    const { readPartitions } = await import('./evidence/partitions/read-partitions.ts');
    const { catalog, manifestSettings, clock } = this.#engine;
    return await readPartitions({ catalog, manifestSettings, now: clock.now() }, query);
  }

  /** One sealed backfill for each contiguous range of the selected partitions. Nothing is changed. */
  async planPartitions(selection: PartitionSelection): Promise<PartitionBackfills> {
    const { planPartitions } = await import('./recovery/plan-partitions.ts');
    return await planPartitions(this.#engine, selection);
  }

  /** The stories of whatever bears this id, hash or path; empty when nothing does. */
  async show(query: string): Promise<Story[]> {
    const { show } = await import('./evidence/show.ts');
    return await show(this.#engine, query);
  }

  /** What was found wrong: by default all that is not resolved, the gravest first. At most `limit`, by default 50. */
  async incidents(query: IncidentQuery & { readonly limit?: number } = {}): Promise<IncidentList> {
    const { listIncidents } = await import('./incident/read-incidents.ts');
    return await listIncidents(this.#engine.catalog, query);
  }

  /** One incident with its whole life, by its key or the beginning of it. */
  async incident(key: string): Promise<IncidentStory> {
    const { readIncident } = await import('./incident/read-incidents.ts');
    return await readIncident(this.#engine.catalog, key);
  }

  /** Records that a person took note of an incident, and why it may stay. Only a verification resolves it. */
  async acknowledgeIncident(request: {
    readonly key: string;
    readonly reason: string;
  }): Promise<Acknowledgement> {
    const { catalog, clock } = this.#engine;
    const { acknowledgeIncident } = await import('./incident/acknowledge.ts');
    return await acknowledgeIncident(catalog, { ...request, now: clock.now().toISOString() });
  }

  /** Every rejection that fits the query, newest commit first; streamed, so their number does not matter. */
  async *rejects(query: RejectsQuery = {}): AsyncIterable<RejectRow> {
    const { readRejects } = await import('./evidence/rejects.ts');
    yield* readRejects(this.#engine, query);
  }

  /**
   * Holds committed runs against what is stored now: by default the run that made each batch what it is. `hash` takes the
   * sums of the raw objects again.
   */
  async *reconcile(query: ReconcileQuery = {}): AsyncIterable<RunReconciliation> {
    const { reconcileRuns } = await import('./evidence/reconcile-runs.ts');
    yield* reconcileRuns(this.#engine, query);
  }

  /**
   * Keeps what reconciling came to, window by window, and moves verified-through by it: forward over what passed, back to
   * before what failed.
   */
  async keepVerdicts(runs: readonly RunReconciliation[]): Promise<void> {
    const { recordWindows } = await import('./evidence/record-windows.ts');
    const { recordedSettings } = await import('./evidence/recorded-settings.ts');
    const { catalog, clock } = this.#engine;
    const settings = await recordedSettings(
      this.#engine,
      runs.map(({ manifestId }) => manifestId),
    );
    for (const { runId, manifestId, reconciliation } of runs) {
      const { latenessMs } = settings.get(manifestId)!;
      const { verdict } = reconciliation;
      const now = clock.now().toISOString();
      await catalog
        .transaction()
        .execute(async (tx) => await recordWindows(tx, { runId, latenessMs, verdict, now }));
    }
  }

  /** Every hash, link and file of the sealed evidence. `expectHead` is a head noted earlier: it finds a cut tail. */
  async verifyEvidence(options: { readonly expectHead?: string } = {}): Promise<EvidenceVerification> {
    const { verifyEvidence } = await import('./evidence/verify-evidence.ts');
    return await verifyEvidence(this.#engine, options);
  }

  /** Makes missing or altered files of a run's evidence folder again, exactly as they were sealed. */
  async rebuildEvidence(runId: string): Promise<EvidenceRebuild> {
    const { rebuildEvidence } = await import('./evidence/rebuild-evidence.ts');
    return await rebuildEvidence(this.#engine, runId);
  }

  /**
   * Checks everything stored, to the cell, against what was recorded; what it finds becomes incidents, and incidents that
   * it would have found and did not are resolved. Long: it reads every byte.
   */
  async verify(options: VerifyOptions = {}): Promise<VerificationReport> {
    const { verify } = await import('./verify/verify.ts');
    return await verify(this.#engine, options);
  }

  /** Puts the catalog's accounts of runs, commits and units, and its pointers to tables, back to what is sealed. */
  async repairCatalog(): Promise<CatalogRepair> {
    const { repairCatalog } = await import('./verify/repair-catalog.ts');
    return await repairCatalog(this.#engine);
  }

  /**
   * Makes a table what it was before a snapshot of another engine. Nothing is deleted: what was written stays readable
   * under a tag. Refused where a run has committed since.
   */
  async setBackTable(request: { readonly table: string; readonly before: string }): Promise<SetBack> {
    const { setBackTable } = await import('./verify/set-back.ts');
    return await setBackTable(this.#engine, request);
  }

  /** A sealed plan to maintain a table, or all: what is compacted, merged, expired and removed. Nothing is touched. */
  async planMaintenance(query: { readonly table?: string } = {}): Promise<SealedMaintenancePlan> {
    const { planMaintenance } = await import('./maintain/plan-maintenance.ts');
    return await planMaintenance(this.#engine, query);
  }

  /** Executes a maintenance plan once; no row changes. `planId` may be its beginning. */
  async executeMaintenance(request: { readonly planId: string }): Promise<MaintenanceOutcome> {
    const { findPlan } = await import('./recovery/find-plan.ts');
    const { executeMaintenance } = await import('./maintain/execute-plan.ts');
    const again = () => 'tidemark maintain';
    const plan = await findPlan(this.#engine, { beginning: request.planId, verb: 'maintain', again });
    return await executeMaintenance(this.#engine, plan);
  }

  /** A manifest file in its second form, as YAML; the file is not touched. */
  async upgradeManifest(path: string): Promise<ManifestUpgrade> {
    const { upgradeManifest } = await import('./manifest/upgrade-manifest.ts');
    return await upgradeManifest({ path, bytesMax: this.config.limits.declarationBytesMax });
  }

  /** Every contract is valid, every fixture has the outcome that it claims. */
  async testContracts(): Promise<ContractTestReport> {
    const { testContracts } = await import('./contract/contract-test.ts');
    const { contractsDir, fixturesDir, limits, root } = this.config;
    return await testContracts({ contractsDir, fixturesDir, limits, root });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine.buckets.close();
    await this.#engine.catalog.destroy();
    await unmountStore(this.#engine.home.storeDir);
  }
}
