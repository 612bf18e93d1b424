import type { CatalogReader } from '../catalog/catalog.ts';
import type { Archive } from './archive.ts';
import type { EvidenceFinding } from './evidence-finding.ts';
import { headFinding, parseHead } from './expected-head.ts';
import { nextCommand } from './next-command.ts';
import { restoreCatalog } from './restore-catalog.ts';
import { type VerifiedChain, verifyChain } from './verify-chain.ts';
import { verifyLedger } from './verify-ledger.ts';
import { verifyRuns } from './verify-runs.ts';

export interface EvidenceVerification {
  readonly verdict: 'pass' | 'fail';
  /** Note the heads elsewhere: with `expectHead`, a later verification also finds a tail that was cut off. */
  readonly chains: readonly VerifiedChain[];
  /** Runs whose record and folder were looked at. */
  readonly runs: number;
  /** Evidence files whose sum was taken. */
  readonly files: number;
  /** Sealed entries that were held against the ledger beside the catalog. */
  readonly ledgerEntries: number;
  /** Runs that are going on: their folders are being written and were left out. */
  readonly inProgress: readonly string[];
  readonly findings: readonly EvidenceFinding[];
}

/**
 * Verifies all sealed evidence: every hash and link of every chain, the catalog's account of every run, every file of
 * every evidence folder, every entry in the ledger. Whoever rewrites a whole chain and everything that it covers, there
 * too, is found by a head noted elsewhere and by nothing else.
 * @throws ConfigurationError usage for an `expectHead` that is none
 */
export async function verifyEvidence(
  archive: Archive,
  { expectHead }: { readonly expectHead?: string } = {},
): Promise<EvidenceVerification> {
  const { catalog, catalogAt } = archive;
  const head = expectHead === undefined ? null : parseHead(expectHead);
  const verify = nextCommand(
    'evidence',
    'verify',
    ...(expectHead === undefined ? [] : ['--expect-head', expectHead]),
  );
  const next = restoreCatalog(catalogAt, verify);
  const findings: EvidenceFinding[] = [];
  const chains: VerifiedChain[] = [];
  for (const chain of await chainNames(catalog)) {
    archive.signal.throwIfAborted();
    const verified = await verifyChain(catalog, { chain, next });
    chains.push(verified.chain);
    findings.push(...verified.findings);
  }
  if (head !== null) {
    const missing = await headFinding(catalog, { head, next });
    if (missing !== null) findings.push(missing);
  }
  findings.push(...(await strayEntries(catalog, next)));
  const runs = await verifyRuns(archive, next);
  findings.push(...runs.findings);
  const ledger = await verifyLedger(archive, next);
  findings.push(...ledger.findings);
  return {
    verdict: findings.length === 0 ? 'pass' : 'fail',
    chains,
    runs: runs.runs,
    files: runs.files,
    ledgerEntries: ledger.entries,
    inProgress: runs.inProgress,
    findings,
  };
}

/** A chain that was removed whole is missed by its runs. */
async function chainNames(catalog: CatalogReader): Promise<string[]> {
  const sealed = await catalog.selectFrom('evidence').select('chain').distinct().orderBy('chain').execute();
  return sealed.map(({ chain }) => chain);
}

/** Entries of runs, and of operations of an operator, that left nothing else in the catalog. */
async function strayEntries(catalog: CatalogReader, next: string): Promise<EvidenceFinding[]> {
  const rows = await catalog
    .selectFrom('evidence')
    .leftJoin('runs', 'runs.run_id', 'evidence.run_id')
    .select(['evidence.chain', 'evidence.seq', 'evidence.run_id'])
    .where('runs.run_id', 'is', null)
    .where(({ exists, not, selectFrom }) =>
      not(
        exists(
          selectFrom('progress_moves')
            .select('seq')
            .whereRef('progress_moves.run_id', '=', 'evidence.run_id')
            .where('evidence.kind', '=', 'state'),
        ),
      ),
    )
    .where(({ exists, not, selectFrom }) =>
      not(
        exists(
          selectFrom('maintenance')
            .select('operation_id')
            .whereRef('maintenance.operation_id', '=', 'evidence.run_id')
            .where('evidence.kind', '=', 'maintenance'),
        ),
      ),
    )
    .orderBy('evidence.chain')
    .orderBy('evidence.seq')
    .execute();
  return rows.map(({ chain, seq, run_id }) => ({
    kind: 'run_unknown',
    subject: `${chain}@${seq}`,
    message: `Entry ${chain}@${seq} is of run ${run_id}, which the catalog does not have.`,
    expected: `a record of run ${run_id}`,
    found: 'none',
    next,
  }));
}
