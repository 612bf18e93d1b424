import type { Attention } from '../evidence/attention.ts';
import { readStatus, type StatusReport } from '../evidence/status.ts';
import type { Engine } from '../run/engine.ts';
import { type Advice, adviseBatch } from './advise-batches.ts';
import type { BatchTarget } from './batch-at-hand.ts';

/** How everything stands, with what mends what is not well, as `recover` would say from the catalog alone. */
export interface Overview extends StatusReport {
  /** For the batches that something speaks against. */
  readonly advice: readonly Advice[];
}

/** Batches that are advised on; for more, `recover` is asked. */
const ADVISED_MAX = 12;

export async function readOverview(engine: Engine): Promise<Overview> {
  const { catalog, contracts, manifestSettings, clock } = engine;
  const contractOf = (ref: string) => {
    const found = contracts.get(ref);
    return found.kind === 'contract'
      ? { hash: found.contract.hash, table: found.contract.traits.table }
      : null;
  };
  const status = await readStatus({ catalog, manifestSettings, contractOf, now: clock.now() });
  const advice: Advice[] = [];
  for (const target of pressing(status).slice(0, ADVISED_MAX)) {
    const { facts: _, ...advised } = await adviseBatch(engine, { target, looks: false });
    advice.push(advised);
  }
  return {
    ...status,
    advice,
    attention: status.attention.map((found) => withAdvice(found, { status, advice })),
  };
}

/** The batch that was answered for comes first. */
function pressing({ answers, unwell }: StatusReport): BatchTarget[] {
  const first = answers === null ? [] : [{ manifestId: answers.manifestId, batchId: answers.batchId }];
  return [...first, ...unwell.filter((batch) => !first.some((other) => isSame(other, batch)))];
}

/** One right next command: that of the verb which mends the batch, where one does. */
function withAdvice(
  found: Attention,
  { status, advice }: { status: StatusReport; advice: readonly Advice[] },
): Attention {
  const batch = status.batches.find(
    ({ lastRun, committed }) => lastRun?.runId === found.subject || committed?.runId === found.subject,
  );
  const own = batch && advice.find((advised) => isSame(advised, batch));
  const mends = own !== undefined && !['none', 'mend'].includes(own.recommendation.kind);
  return mends && own.next !== null ? { ...found, next: own.next } : found;
}

function isSame(a: BatchTarget, b: BatchTarget): boolean {
  return a.manifestId === b.manifestId && a.batchId === b.batchId;
}
