import { formatDuration } from '../../model/duration.ts';
import type { HealthReason } from '../../progress/health.ts';
import type { Staleness } from '../../progress/staleness.ts';

/** How old a manifest's data is, by event time. */
export function ageText({ behindMs }: Staleness): string {
  return behindMs === null ? '' : `${formatDuration(Math.max(0, behindMs))} old`;
}

/** Why a manifest is not well, in a few words. */
export function reasonText({ about, found }: HealthReason, { cadenceMs }: Staleness): string {
  switch (about) {
    case 'last_run':
      return `last run: ${found}`;
    case 'sources':
      return `held or refused: ${found}`;
    case 'batches':
      return `other batches that need something: ${found}`;
    case 'staleness':
      return found === 'unknown'
        ? 'a cadence is declared and no watermark tells'
        : `data is ${found}, due every ${formatDuration(cadenceMs ?? 0)}`;
    case 'incidents':
      return `open incidents, worst: ${found}`;
    case 'verification':
      return VERIFICATION[found] ?? found;
  }
}

const VERIFICATION: Readonly<Record<string, string>> = {
  behind: 'proven only up to before the watermark',
  unproven: 'committed and not yet proven',
  failed: 'its reconciliation failed',
};
