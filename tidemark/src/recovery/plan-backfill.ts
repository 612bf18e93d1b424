import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { compareBounds, readWindow } from '../refine/record-window.ts';
import type { RecordWindow } from '../refine/refined.ts';
import { partsOf } from '../run/split-assets.ts';
import type { BatchAtHand } from './batch-at-hand.ts';
import type { PlanningStage } from './planning-stage.ts';
import type { PlannedSource } from './recovery-plan.ts';
import { plannedOf } from './recovery-plan.ts';

/** A historical interval, half-open, start closed. */
export interface BackfillWindow {
  readonly from: string;
  readonly to: string;
  /** Default: the manifest's cursor field, else the contract's event time. */
  readonly field?: string;
}

/** Its own batch, named by what it covers, so that the same window asked for twice is the same batch. */
export function backfillBatchId(batchId: string, { from, to }: BackfillWindow): string {
  return `${batchId}.backfill.${from}..${to}`;
}

/** Every record source is read whole and cut to the window; assets that are one row have no place in it. */
export async function backfillSources(
  { engine }: PlanningStage,
  { batch, window }: { batch: BatchAtHand; window: BackfillWindow },
): Promise<PlannedSource[]> {
  const { manifest } = batch.declared;
  const sources: PlannedSource[] = [];
  for (const declared of batch.assets) {
    if (declared.form !== 'records' || declared.contract === null) continue;
    const cut = cutBy(batch, { declared, window });
    const why = `records of ${cut.field} in [${window.from}, ${window.to})`;
    const { parts } = await partsOf(engine, { manifest, declared, isFixed: true });
    for (const part of parts)
      sources.push({ ...plannedOf(part), verifyDeclared: true, window: cut, action: 'read', why });
  }
  return sources;
}

function cutBy(
  batch: BatchAtHand,
  { declared, window }: { declared: BatchAtHand['assets'][number]; window: BackfillWindow },
): RecordWindow {
  const { contract } = declared;
  const field =
    window.field ??
    batch.declared.manifest.selection_window?.cursor_field ??
    contract?.traits.eventTime ??
    null;
  if (contract === null || field === null) {
    throw new ConfigurationError({
      code: ERROR_CODES.window_refused,
      message: `${declared.file.sourceId} has neither a cursor field nor an event time to cut a window by.`,
      next: 'Name one of its contract’s properties with --field.',
    });
  }
  const policy = declared.window?.field === field ? declared.window.nullCursor : undefined;
  const cut = {
    field,
    startAt: window.from,
    endBefore: window.to,
    ...(policy !== undefined && { nullCursor: policy }),
  };
  const reading = readWindow(cut, contract);
  const backwards = compareBounds({ field, contract, a: window.from, b: window.to }) > 0;
  if (reading.kind === 'window' && !backwards) return cut;
  const why = reading.kind === 'refused' ? reading.message : `it ends at ${window.to}, before it begins.`;
  throw new ConfigurationError({
    code: ERROR_CODES.window_refused,
    message: `The window of ${declared.file.sourceId} is refused: ${why}`,
    next: 'Give --from and --to as values of the field, such as 2026-01-01T00:00:00Z.',
  });
}
