import { minuteOf } from '../deliveries.ts';
import { isInside, type SourceName } from '../names.ts';
import type { Outcome, Unit } from './unit.ts';

/** How far each source has come. */
export class Progress {
  readonly cursors = new Map<SourceName, number>();
  readonly watermarks = new Map<SourceName, number>();
  /** Sources of which something was committed. */
  readonly checkpointed = new Set<SourceName>();

  /** What is committed is persisted; only what goes forward moves where the next reading begins. */
  commit(unit: Unit, { forward }: { forward: boolean }): void {
    if (unit.decision !== null) return;
    this.checkpointed.add(unit.source);
    if (!forward) return;
    if (unit.window !== null) advance(this.cursors, unit, ['accepted', 'duplicate', 'rejected']);
    advance(this.watermarks, unit, ['accepted', 'duplicate']);
  }
}

function advance(
  marks: Map<SourceName, number>,
  { source, window, delivery, outcomes }: Unit,
  kinds: readonly Outcome['kind'][],
): void {
  for (const [index, line] of (delivery?.lines ?? []).entries()) {
    if (line.kind !== 'record' || !kinds.includes(outcomes[index]?.kind ?? 'blank')) continue;
    const minute = minuteOf(line.id);
    if (isInside(minute, window)) marks.set(source, Math.max(minute, marks.get(source) ?? 0));
  }
}
