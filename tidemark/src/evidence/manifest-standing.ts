import type { SourceProgress } from '../catalog/list-progress.ts';
import type { IncidentSeverity, RunState } from '../catalog/schema.ts';
import type { ManifestSettings } from '../model/manifest-settings.ts';
import { compareProgress } from '../progress/advance.ts';
import { type Health, type HealthFacts, type HealthReason, healthOf } from '../progress/health.ts';
import { judgedWatermark, type Staleness, stalenessOf } from '../progress/staleness.ts';
import type { BatchStanding } from './batch-standings.ts';

/** How one manifest stands: its health with every reason, its latest batch, its sources. */
export interface ManifestStanding {
  readonly manifestId: string;
  readonly health: Health;
  readonly reasons: readonly HealthReason[];
  /** The batch of its latest run. */
  readonly latest: BatchStanding;
  readonly lastRun: NonNullable<HealthFacts['lastRun']>;
  readonly staleness: Staleness;
  /** Not resolved; `worst` is null where there is none. */
  readonly incidents: { readonly open: number; readonly worst: IncidentSeverity | null };
  readonly verification: HealthFacts['verification'];
  readonly sources: readonly SourceProgress[];
}

export interface StandingFacts {
  readonly latest: BatchStanding;
  readonly alive: ReadonlySet<string>;
  readonly otherBatches: number;
  readonly incidents: ManifestStanding['incidents'];
  readonly sources: readonly SourceProgress[];
  readonly settings: ManifestSettings;
  readonly nowMs: number;
}

/** Pure. */
export function manifestStanding(facts: StandingFacts): ManifestStanding {
  const { latest, alive, sources, settings, nowMs, incidents } = facts;
  const lastRun = stateOf(latest.lastRun, alive);
  const { cadenceMs, latenessMs } = settings;
  const watermark = judgedWatermark(
    sources.map((source) => ({
      watermark: (source.watermark ?? source.cursor)?.value ?? null,
      hasCursor: source.cursor !== null,
    })),
  );
  const staleness = stalenessOf({ watermark, cadenceMs, latenessMs, nowMs });
  const verification = verificationOf({ latest, sources, alive });
  const tally = latest.lastRun?.assetTally ?? latest.committed?.assetTally ?? null;
  const judged = healthOf({
    lastRun,
    turnedAway: (tally?.held ?? 0) + (tally?.refused ?? 0),
    otherBatches: facts.otherBatches,
    staleness: staleness.kind,
    incident: incidents.worst,
    verification,
  });
  const { manifestId } = latest;
  return { manifestId, ...judged, latest, lastRun, staleness, incidents, verification, sources };
}

function stateOf(lastRun: BatchStanding['lastRun'], alive: ReadonlySet<string>): RunState | 'died' {
  if (lastRun === null) return 'died';
  return lastRun.state === 'running' && !alive.has(lastRun.runId) ? 'died' : lastRun.state;
}

function verificationOf({
  latest: { committed },
  sources,
  alive,
}: Pick<StandingFacts, 'latest' | 'sources' | 'alive'>): HealthFacts['verification'] {
  if (committed === null) return 'nothing_committed';
  if (committed.verdict === 'fail') return 'failed';
  if (!committed.proven) return alive.has(committed.runId) ? 'proven' : 'unproven';
  return sources.some(isBehind) ? 'behind' : 'proven';
}

/** A watermark that nobody has proven; one that an operator set ahead too. */
function isBehind({ watermark, verified }: SourceProgress): boolean {
  if (watermark === null) return false;
  if (verified === null) return true;
  return verified.field === watermark.field && compareProgress(verified.value, watermark.value) < 0;
}
