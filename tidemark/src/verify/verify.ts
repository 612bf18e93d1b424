import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataEngine } from '../bronze/data-engine.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { openSnapshot } from '../catalog/open-catalog.ts';
import type { IncidentClass, IncidentSeverity } from '../catalog/schema.ts';
import { inProgressIds } from '../evidence/run-leases.ts';
import { incidentKey, SYMPTOMS, type Symptom } from '../incident/symptom.ts';
import { distrustCopies } from '../landing/store/mount.ts';
import type { Engine } from '../run/engine.ts';
import { checkBatches } from './check-batches.ts';
import { checkCatalog } from './check-catalog.ts';
import { checkCells } from './check-cells.ts';
import { checkCurrent } from './check-current.ts';
import { checkDataFiles, checkStrayFiles } from './check-data-files.ts';
import { checkDuplicates } from './check-duplicates.ts';
import { checkEvidence } from './check-evidence.ts';
import { checkIntervals } from './check-intervals.ts';
import { checkKeys } from './check-keys.ts';
import { checkLate } from './check-late.ts';
import { checkObjects } from './check-objects.ts';
import { checkRows } from './check-rows.ts';
import { checkSnapshots } from './check-snapshots.ts';
import { checkStanding } from './check-standing.ts';
import { checkUnclaimed } from './check-unclaimed.ts';
import { enterUnits } from './claimed-files.ts';
import { type CheckCount, Findings } from './findings.ts';
import { Ledger } from './ledger.ts';
import { withOneCommandPerBatch } from './mending.ts';
import { type RecordedIncidents, recordFindings } from './record-findings.ts';
import { type Scope, scopeOf, type VerifyQuery } from './scope.ts';
import { readTables } from './table-files.ts';
import type { Verification } from './verification.ts';

export interface VerifyOptions extends VerifyQuery {
  /** Leaves out refining the raw bytes again, which compares every cell. Default: false. */
  readonly quick?: boolean;
}

/** Something found wrong, with the key of the incident that it is. */
export interface FoundSymptom extends Symptom {
  readonly key: string;
  readonly class: IncidentClass;
  readonly severity: IncidentSeverity;
}

export interface VerificationReport {
  /** `fail`: something critical or major was found. `nothing`: nothing was ever run here. */
  readonly verdict: 'pass' | 'fail' | 'nothing';
  readonly scope: Scope;
  readonly quick: boolean;
  readonly checks: readonly CheckCount[];
  /** The gravest first, those of earlier batches before: in this order their suggestions mend. At most 1,000 of one kind. */
  readonly symptoms: readonly FoundSymptom[];
  /** Symptoms beyond those. */
  readonly more: number;
  /** Runs that were going on: what they were writing was left out. */
  readonly inProgress: readonly string[];
  /** Null when the catalog could not be written: nothing was recorded. */
  readonly incidents: RecordedIncidents | null;
  /** The command that mends the gravest; null where there is nothing to mend. */
  readonly next: string | null;
}

/**
 * Checks everything stored against everything that was recorded: stored bytes by their sums, tables by their metadata,
 * files, rows and cells, the catalog by the sealed evidence. Looks at one moment of the catalog, takes no lease, and
 * leaves out what runs are writing meanwhile. What is found becomes incidents; open incidents that it would have found
 * and did not are resolved.
 * @throws ConfigurationError not_found · AbortError when cancelled
 */
export async function verify(engine: Engine, options: VerifyOptions = {}): Promise<VerificationReport> {
  const quick = options.quick ?? false;
  const inProgress = [...(await inProgressIds(engine.catalog))];
  const catalog = await openSnapshot(engine.catalogAt);
  if (catalog === null) return nothing(quick);
  distrustCopies(engine.home.storeDir);
  const scratchDir = await scratchFolder(engine);
  try {
    const scope = await scopeOf(catalog, options);
    using ledger = new Ledger(join(scratchDir, 'ledger.db'));
    const findings = new Findings();
    const verification: Verification = {
      engine,
      catalog,
      scope,
      findings,
      ledger,
      scratchDir,
      openEngine: (needs) =>
        openDataEngine({ spillDir: join(scratchDir, 'spill'), limits: engine.limits, ...needs }),
    };
    await runChecks(verification, quick);
    const symptoms = withOneCommandPerBatch(findings.symptoms);
    const incidents = await recordFindings(verification, { symptoms, quick });
    const order = await batchOrder(catalog, symptoms);
    return report({ scope, quick, findings, symptoms, incidents, inProgress, order });
  } finally {
    await catalog.destroy();
    await rm(scratchDir, { recursive: true, force: true });
  }
}

async function runChecks(verification: Verification, quick: boolean): Promise<void> {
  await checkObjects(verification);
  const tables = await readTables(verification);
  await enterUnits(verification);
  await checkSnapshots(verification, tables);
  await checkDataFiles(verification);
  await checkStrayFiles(verification, tables);
  await checkUnclaimed(verification, tables);
  await checkRows(verification, tables);
  await checkDuplicates(verification, tables);
  await checkKeys(verification, tables);
  await checkCurrent(verification);
  if (!quick) await checkCells(verification, tables);
  await checkCatalog(verification, tables);
  await checkEvidence(verification);
  await checkIntervals(verification);
  await checkLate(verification);
  await checkBatches(verification);
  await checkStanding(verification);
}

/** In the home, where there is room for what is large; elsewhere when the home cannot be written. */
async function scratchFolder({ home, clock }: Engine): Promise<string> {
  const dir = home.scratchDir(`verify-${clock.newRunId()}`);
  try {
    await mkdir(dir, { recursive: true });
    return dir;
  } catch {
    return await mkdtemp(join(tmpdir(), 'tidemark-verify-'));
  }
}

const GRAVITY: readonly IncidentSeverity[] = ['critical', 'major', 'minor'];

/** Batches in the order in which they first came in: records of a later one were compared with those of the earlier. */
async function batchOrder(catalog: Catalog, symptoms: readonly Symptom[]): Promise<Map<string, string>> {
  const order = new Map<string, string>();
  for (const { manifestId, batchId } of symptoms) {
    if (manifestId === null || batchId === null || order.has(batchKey({ manifestId, batchId }))) continue;
    const row = await catalog
      .selectFrom('commits')
      .select(({ fn }) => fn.min('committed_at').as('at'))
      .where('manifest_id', '=', manifestId)
      .where('batch_id', '=', batchId)
      .executeTakeFirst();
    order.set(batchKey({ manifestId, batchId }), row?.at ?? '');
  }
  return order;
}

function batchKey({ manifestId, batchId }: Pick<Symptom, 'manifestId' | 'batchId'>): string {
  return JSON.stringify([manifestId, batchId]);
}

function report({
  findings,
  symptoms,
  order,
  ...rest
}: {
  order: ReadonlyMap<string, string>;
  scope: Scope;
  quick: boolean;
  findings: Findings;
  symptoms: readonly Symptom[];
  incidents: RecordedIncidents | null;
  inProgress: readonly string[];
}): VerificationReport {
  const found = symptoms
    .map((symptom) => {
      const [incidentClass, severity] = SYMPTOMS[symptom.kind];
      return { ...symptom, key: incidentKey(symptom), class: incidentClass, severity };
    })
    .sort((a, b) => {
      const place = (symptom: Symptom) => order.get(batchKey(symptom)) ?? '';
      const graver = GRAVITY.indexOf(a.severity) - GRAVITY.indexOf(b.severity);
      return graver || (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0);
    });
  const all = [...findings.counts.values()].reduce((sum, count) => sum + count, 0);
  return {
    ...rest,
    verdict: found.some(({ severity }) => severity !== 'minor') ? 'fail' : 'pass',
    checks: findings.checks,
    symptoms: found,
    more: all - found.length,
    next: found[0]?.suggestion ?? null,
  };
}

function nothing(quick: boolean): VerificationReport {
  return {
    verdict: 'nothing',
    scope: { batches: null, table: null, manifests: [] },
    quick,
    checks: [],
    symptoms: [],
    more: 0,
    inProgress: [],
    incidents: null,
    next: null,
  };
}
