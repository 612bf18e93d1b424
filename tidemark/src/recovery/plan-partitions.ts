import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import type { PartitionRow } from '../evidence/partitions/partition-row.ts';
import { PARTITIONS_MAX, readPartitions } from '../evidence/partitions/read-partitions.ts';
import { DAY_MS } from '../model/duration.ts';
import { contiguous, type Interval, instantText, momentOf, partitionAt } from '../progress/partitions.ts';
import type { Engine } from '../run/engine.ts';
import { planRecovery } from './plan-recovery.ts';
import type { SealedPlan } from './recovery-plan.ts';

/** Which partitions to take in. */
export interface PartitionSelection {
  /** `missing`, the name of one partition (`2026-03-02`), or two with all between them (`2026-03-02..2026-03-05`). */
  readonly partitions: string;
  /** Default: every manifest. */
  readonly manifestId?: string;
  readonly reason?: string;
}

export interface PartitionBackfills {
  /** One for each contiguous range, oldest first. */
  readonly plans: readonly SealedPlan[];
  /** Ranges that were selected and not planned: make the plans again once these are executed. */
  readonly more: number;
  /** Manifests that were not looked at, since there are too many at once: name them one by one. */
  readonly others: number;
}

/** Ranges planned at once. */
const PLANS_MAX = 24;

/**
 * Plans one backfill for each contiguous range of the selected partitions. The batch of each is named by what it covers:
 * the same selection gives the same batches, whoever makes it and wherever.
 */
export async function planPartitions(
  engine: Engine,
  { partitions, manifestId, reason }: PartitionSelection,
): Promise<PartitionBackfills> {
  const { catalog, manifestSettings, clock } = engine;
  const world = { catalog, manifestSettings, now: clock.now() };
  const report = await readPartitions(world, {
    ...(manifestId !== undefined && { manifestId }),
    limit: PARTITIONS_MAX,
  });
  const ranges = report.manifests.flatMap((row) =>
    selected(row, partitions).map((interval) => ({ row, interval })),
  );
  if (ranges.length === 0 && partitions !== 'missing') throw noTime(partitions);
  const plans: SealedPlan[] = [];
  for (const { row, interval } of ranges.slice(0, PLANS_MAX)) {
    plans.push(
      await planRecovery(engine, {
        verb: 'backfill',
        manifestId: row.manifestId,
        batchId: row.batchId,
        reason: reason ?? (partitions === 'missing' ? 'partitions are missing' : `partitions ${partitions}`),
        from: boundOf(interval.fromMs),
        to: boundOf(interval.toMs),
        field: row.field ?? '',
      }),
    );
  }
  return { plans, more: ranges.length - plans.length, others: report.others };
}

function selected({ field, lengthMs, partitions }: PartitionRow, which: string): Interval[] {
  if (field === null || lengthMs === null) return [];
  if (which === 'missing') {
    return contiguous(
      partitions.flatMap(({ state, interval }) =>
        state === 'missing' && interval !== null ? [interval] : [],
      ),
    );
  }
  const [first = '', last = first, ...rest] = which.split('..');
  const [from, to] = [momentOf(first), momentOf(last)];
  if (from === null || to === null || rest.length > 0 || from > to) throw notNamed(which);
  return [{ fromMs: partitionAt(from, lengthMs).fromMs, toMs: partitionAt(to, lengthMs).toMs }];
}

/** A plain date where it says the same: it bounds times and dates alike. */
function boundOf(ms: number): string {
  const text = instantText(ms);
  return ms % DAY_MS === 0 ? text.slice(0, 10) : text;
}

function notNamed(which: string): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.usage,
    message: `${which} names no partition: expected missing, a partition such as 2026-03-02, or a range such as 2026-03-02..2026-03-05.`,
    next: 'tidemark partitions',
  });
}

function noTime(which: string): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.no_partitions,
    message: `No manifest is cut into partitions, so that ${which} names none: nothing that was committed has a time.`,
    next: 'tidemark partitions',
  });
}
