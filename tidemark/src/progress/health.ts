import type { StalenessKind } from './staleness.ts';

export type Health = 'healthy' | 'degraded' | 'unhealthy';

export interface HealthFacts {
  /** `died`: it never ended and its process is gone. Null: nothing was ever run. */
  readonly lastRun:
    | 'running'
    | 'committed'
    | 'nothing_to_commit'
    | 'withheld'
    | 'failed'
    | 'interrupted'
    | 'died'
    | null;
  /** Sources that the last run held or refused. */
  readonly turnedAway: number;
  /** Batches beside the latest that want something done. */
  readonly otherBatches: number;
  readonly staleness: StalenessKind;
  /** The worst that is not resolved. */
  readonly incident: 'critical' | 'major' | 'minor' | null;
  /** `behind`: what is proven ends before the watermark. */
  readonly verification: 'proven' | 'behind' | 'unproven' | 'failed' | 'nothing_committed';
}

/** One thing that keeps a manifest from being well. */
export interface HealthReason {
  readonly about: 'last_run' | 'sources' | 'batches' | 'staleness' | 'incidents' | 'verification';
  readonly health: Exclude<Health, 'healthy'>;
  readonly found: string;
}

const LAST_RUN = {
  running: 'healthy',
  committed: 'healthy',
  nothing_to_commit: 'healthy',
  withheld: 'unhealthy',
  failed: 'unhealthy',
  interrupted: 'unhealthy',
  died: 'unhealthy',
} as const satisfies Record<NonNullable<HealthFacts['lastRun']>, Health>;

const STALENESS = {
  fresh: 'healthy',
  not_declared: 'healthy',
  stale: 'degraded',
  unknown: 'degraded',
  overdue: 'unhealthy',
} as const satisfies Record<StalenessKind, Health>;

const INCIDENT = { minor: 'degraded', major: 'degraded', critical: 'unhealthy' } as const;

const VERIFICATION = {
  proven: 'healthy',
  nothing_committed: 'healthy',
  behind: 'degraded',
  unproven: 'degraded',
  failed: 'unhealthy',
} as const satisfies Record<HealthFacts['verification'], Health>;

/** The worst of its parts, with what each part that is not well has found. Pure. */
export function healthOf(facts: HealthFacts): { health: Health; reasons: HealthReason[] } {
  const { lastRun, turnedAway, otherBatches, staleness, incident, verification } = facts;
  const parts = [
    part('last_run', lastRun === null ? 'degraded' : LAST_RUN[lastRun], lastRun ?? 'never run'),
    part('verification', VERIFICATION[verification], verification),
    part('incidents', incident === null ? 'healthy' : INCIDENT[incident], incident ?? ''),
    part('staleness', STALENESS[staleness], staleness),
    part('sources', turnedAway > 0 ? 'degraded' : 'healthy', String(turnedAway)),
    part('batches', otherBatches > 0 ? 'degraded' : 'healthy', String(otherBatches)),
  ].flat();
  const health = parts.some((reason) => reason.health === 'unhealthy')
    ? 'unhealthy'
    : parts.length > 0
      ? 'degraded'
      : 'healthy';
  return { health, reasons: parts };
}

function part(about: HealthReason['about'], health: Health, found: string): HealthReason[] {
  return health === 'healthy' ? [] : [{ about, health, found }];
}
