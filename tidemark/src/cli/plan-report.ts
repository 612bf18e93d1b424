import type { Judgement } from '../manifest/source-manifest.ts';
import type { Declarations } from '../run/load-declarations.ts';
import type { IngestPlan, PlannedAsset } from '../run/plan-ingest.ts';
import { commandLine } from './command-line.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { counted } from './render/quantities.ts';

/** A plan with what its manifest declares beside it. */
export interface PerceivedManifest {
  readonly plan: IngestPlan;
  readonly modality: string;
  readonly sourceType: string;
}

export interface JudgementCounts {
  readonly assets: number;
  readonly accepted: number;
  readonly warned: number;
  readonly quarantined: number;
  readonly rejected: number;
}

/** The seed loader's report: every source perceived, its judgement and reasons, what a run would do, and what is next. */
export interface PlanReport {
  readonly report: 'tidemark-plan-1';
  readonly status: 'ok' | 'warning' | 'error';
  readonly recommended_next_action: string;
  readonly counts: JudgementCounts & {
    readonly manifests: number;
    readonly refused_manifests: number;
    readonly actions: Readonly<Record<PlannedAsset['action'], number>>;
  };
  readonly manifests: readonly ManifestPart[];
  readonly refused_manifests: readonly { readonly path: string; readonly problems: readonly object[] }[];
  readonly evidence: readonly EvidenceEntry[];
}

interface ManifestPart {
  readonly manifest_id: string;
  readonly path: string;
  readonly batch_id: string;
  readonly load_mode: string;
  readonly window: string;
  readonly modality: string;
  readonly source_type: string;
  /** Commits of this batch so far. */
  readonly revision: number;
  readonly status: PlanReport['status'];
  readonly counts: JudgementCounts;
}

interface EvidenceEntry {
  readonly manifest_id: string;
  readonly batch_id: string;
  readonly source_id: string;
  readonly contract_ref: string;
  readonly judgement: Judgement;
  readonly reasons: PlannedAsset['reasons'];
  readonly asset_type: string;
  readonly path: string;
  readonly table: string | null;
  readonly size_bytes: number | null;
  readonly source_fingerprint: string | null;
  readonly fingerprint_from: PlannedAsset['fingerprintFrom'];
  readonly action: PlannedAsset['action'];
  readonly why: string;
}

/** Pure: the same plans give the same report; it holds no time and no id of its own. */
export function reportPlan(facts: {
  manifests: readonly PerceivedManifest[];
  refused: Declarations['refused'];
  /** Options that select the same manifests again. */
  words: readonly string[];
}): PlanReport {
  const { manifests, refused } = facts;
  const assets = manifests.flatMap(({ plan }) => plan.assets);
  const counts = {
    manifests: manifests.length,
    refused_manifests: refused.length,
    ...countJudgements(assets),
    actions: countActions(assets),
  };
  return {
    report: 'tidemark-plan-1',
    status: statusOf(counts, refused.length),
    recommended_next_action: recommend({ counts, refused, words: facts.words }),
    counts,
    manifests: manifests.map(({ plan, modality, sourceType }) => {
      const own = countJudgements(plan.assets);
      return {
        manifest_id: plan.manifestId,
        path: plan.manifestPath,
        batch_id: plan.batchId,
        load_mode: plan.loadMode,
        window: plan.window,
        modality,
        source_type: sourceType,
        revision: plan.revision,
        status: statusOf(own, 0),
        counts: own,
      };
    }),
    refused_manifests: refused.map(({ path, problems }) => ({ path, problems })),
    evidence: manifests.flatMap(({ plan }) => plan.assets.map((asset) => evidenceEntry(plan, asset))),
  };
}

/** The seed loader's rule: 1 where an asset is judged reject or a manifest is refused, else 0. */
export function exitOfPlan({ counts }: Pick<PlanReport, 'counts'>): ExitCode {
  return counts.rejected > 0 || counts.refused_manifests > 0 ? EXIT.refused : EXIT.done;
}

export function countJudgements(assets: readonly { readonly judgement: Judgement }[]): JudgementCounts {
  const count = (judgement: Judgement) => assets.filter((asset) => asset.judgement === judgement).length;
  return {
    assets: assets.length,
    accepted: count('accept'),
    warned: count('warn'),
    quarantined: count('quarantine'),
    rejected: count('reject'),
  };
}

function countActions(assets: readonly PlannedAsset[]): PlanReport['counts']['actions'] {
  const counts = { ingest: 0, skip: 0, hold: 0, refuse: 0, unknown: 0, fail: 0 };
  for (const { action } of assets) counts[action] += 1;
  return counts;
}

function statusOf(
  { rejected, warned, quarantined }: JudgementCounts,
  refusedManifests: number,
): PlanReport['status'] {
  if (rejected > 0 || refusedManifests > 0) return 'error';
  return warned > 0 || quarantined > 0 ? 'warning' : 'ok';
}

function recommend({
  counts: { rejected, refused_manifests, actions },
  refused,
  words,
}: {
  counts: PlanReport['counts'];
  refused: Declarations['refused'];
  words: readonly string[];
}): string {
  const run = commandLine('run', ...words);
  const check = commandLine('check', ...words);
  const wrong = [
    ...(refused_manifests > 0 ? [counted(refused_manifests, 'refused manifest')] : []),
    ...(rejected > 0 ? [counted(rejected, 'rejected asset')] : []),
  ];
  if (wrong.length > 0) {
    const first = refused[0]?.path;
    return `Mend ${wrong.join(' and ')}${first === undefined ? '' : ` (first ${first})`}, then \`${check}\``;
  }
  if (actions.fail > 0) return `Put ${counted(actions.fail, 'missing source')} in place, then \`${run}\``;
  if (actions.refuse > 0)
    return `Mend ${counted(actions.refuse, 'source')} that is not what its manifest says, then \`${run}\``;
  if (actions.ingest + actions.unknown > 0) return run;
  if (actions.hold > 0)
    return `Complete what the gate holds back (${counted(actions.hold, 'asset')}); \`${run}\` records it`;
  return 'Nothing to do: everything declared is committed already';
}

function evidenceEntry(plan: IngestPlan, asset: PlannedAsset): EvidenceEntry {
  return {
    manifest_id: plan.manifestId,
    batch_id: plan.batchId,
    source_id: asset.sourceId,
    contract_ref: asset.contractRef,
    judgement: asset.judgement,
    reasons: asset.reasons,
    asset_type: asset.assetType,
    path: asset.declaredPath,
    table: asset.table,
    size_bytes: asset.sizeBytes,
    source_fingerprint: asset.sourceFingerprint,
    fingerprint_from: asset.fingerprintFrom,
    action: asset.action,
    why: asset.why,
  };
}
