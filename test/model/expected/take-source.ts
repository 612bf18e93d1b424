import type { Finding } from './incidents.ts';
import type { AssetOutcome, Purpose, TakenAsset, Task } from './purpose.ts';
import { contentOfKey, type Reference } from './reference.ts';
import type { Decision, Delivery, Unit } from './unit.ts';

export interface Taken {
  readonly asset: TakenAsset;
  /** What it brings to the commit, if anything. */
  readonly unit: Unit | null;
  /** Content that is committed already. */
  readonly stands: string | 'all' | null;
}

export const deliveryOf = (world: Reference, { recalled, ...part }: Task): Delivery | null =>
  recalled ?? world.fileOf(part);

/** How one source ends: it comes in, is there already, is held or refused, or did not come. */
export function takeSource(world: Reference, { task, purpose }: { task: Task; purpose: Purpose }): Taken {
  const { source, split, window } = task;
  if (task.settled !== undefined) return there(task, contentOfKey(task.settled));
  if (task.emptied) return there(task, 'all');
  const declared = world.declared.get(source);
  const delivery = deliveryOf(world, task);
  const differs = (task.asDeclared ?? true) && declared?.sum != null && delivery?.text !== declared.sum;
  const mismatch = differs ? ['checksum_mismatch'] : [];
  if (declared?.held) {
    const reasons = ['missing_metadata', ...(delivery === null ? ['source_missing'] : mismatch)];
    return decided(world, { task, purpose, delivery, decision: { disposition: 'held', reasons } });
  }
  if (delivery === null) return ended(task, 'failed', NOT_RECEIVED.retry);
  if (differs) {
    const decision = { disposition: 'refused', reasons: mismatch } as const;
    return decided(world, { task, purpose, delivery, decision });
  }
  const content = JSON.stringify([source, split, delivery.text, window]);
  const key = `${content} ${world.contract}`;
  const same =
    world.units.find((unit) => unit.key === key) ??
    world.units.findLast((unit) => unit.key.startsWith(content));
  if (same !== undefined && !purpose.replaces.includes(same)) return there(task, content);
  const unit = unitOf(world, purpose, { key, source, split, delivery, window, decision: null });
  return { ...ended(task, 'committed'), unit };
}

const CONTRADICTS = { kind: 'source_contradicts_manifest', verb: 'rerun' } as const;
const NOT_RECEIVED = {
  retry: { kind: 'source_not_received', verb: 'retry' },
  rerun: { kind: 'source_not_received', verb: 'rerun' },
} as const;

/** The same decision on the same bytes is recorded once. */
function decided(
  world: Reference,
  made: { task: Task; purpose: Purpose; delivery: Delivery | null; decision: Decision },
): Taken {
  const { task, purpose, delivery, decision } = made;
  const { source, split } = task;
  const { disposition, reasons } = decision;
  const finding = reasons.includes('source_missing')
    ? NOT_RECEIVED.rerun
    : reasons.includes('checksum_mismatch')
      ? CONTRADICTS
      : null;
  const taken = ended(task, disposition, finding);
  const key = `decision ${JSON.stringify([source, split, delivery?.text ?? null, disposition, reasons])}`;
  const known = world.units.find((unit) => unit.key === key);
  if (known !== undefined && !purpose.replaces.includes(known)) return taken;
  return { ...taken, unit: unitOf(world, purpose, { key, source, split, delivery, window: null, decision }) };
}

const ended = ({ source, split }: Task, outcome: AssetOutcome, finding: Finding | null = null): Taken => ({
  asset: { source, split, outcome, finding },
  unit: null,
  stands: null,
});

const there = (task: Task, stands: string): Taken => ({ ...ended(task, 'already_committed'), stands });

function unitOf(
  world: Reference,
  { of: { manifest, batch } }: Purpose,
  made: Pick<Unit, 'key' | 'source' | 'split' | 'delivery' | 'window' | 'decision'>,
): Unit {
  const { contract } = world;
  return { manifest, batch, ...made, contract, outcomes: [], damaged: false, history: new Set() };
}
