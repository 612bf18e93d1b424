import type { Advice } from '../../recovery/advise-batches.ts';
import type { BatchQuery } from '../../recovery/find-batches.ts';
import type { RecoveryRequest } from '../../recovery/plan-recovery.ts';
import { EXIT, type ExitCode, worstExit } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { assetLines } from '../render/asset-lines.ts';
import type { Page } from '../render/page.ts';
import { plainValues } from '../render/plain-values.ts';
import { openProject, type Session } from '../session.ts';
import { planned } from './recovery-verb.ts';

export interface RecoverOptions {
  readonly target?: string;
  readonly manifest?: string;
  readonly batchId?: string;
}

/** `recover`: says for every batch which verb mends it and why; for one batch, plans it at once. */
export async function recoverCommand(session: Session, options: RecoverOptions): Promise<Outcome> {
  const { target, manifest, batchId } = options;
  const query = {
    ...(target !== undefined && { target }),
    ...(manifest !== undefined && { manifestId: manifest }),
    ...(batchId !== undefined && { batchId }),
  };
  const advice = await adviceFor(session, query);
  const wanting = advice.filter(({ recommendation }) => recommendation.kind !== 'none');
  const [only, other] = wanting;
  const request = only === undefined || other !== undefined ? null : requestOf(only);
  if (request !== null) {
    await using tidemark = await openProject(session, {});
    const outcome = planned(await tidemark.planRecovery(request));
    const document = { advice: wanting, ...outcome.document };
    return { ...outcome, document };
  }
  const shown = plainValues(advice);
  return {
    exit: worstExit(wanting.map(({ recommendation }) => exitOf(recommendation))),
    document: { advice },
    lines: (page) => adviceLines(shown, page),
  };
}

/** Running something again does not help where a declaration has to be mended first. */
function exitOf({ kind }: Advice['recommendation']): ExitCode {
  return kind === 'mend' ? EXIT.configuration : EXIT.unfinished;
}

/** Read without writing: a folder that is no project stays as it is. */
async function adviceFor(session: Session, query: BatchQuery): Promise<Advice[]> {
  await using tidemark = await openProject(session, { readOnly: true });
  return await tidemark.advise(query);
}

function requestOf({ manifestId, batchId, recommendation }: Advice): RecoveryRequest | null {
  const of = { manifestId, batchId, reason: recommendation.reason };
  if (recommendation.kind === 'verb') return { ...of, verb: recommendation.verb };
  if (recommendation.kind === 'backfill') {
    const { from, to } = recommendation;
    return { ...of, verb: 'backfill', from, to };
  }
  return null;
}

function adviceLines(advice: readonly Advice[], page: Page): string[] {
  if (advice.length === 0) return ['Nothing was ever run here.'];
  const { paint } = page;
  return assetLines(
    advice.map(({ manifestId, batchId, recommendation, next }) => {
      const { kind, reason } = recommendation;
      const name = kind === 'verb' ? recommendation.verb : kind;
      return {
        cells: [
          {
            text: kind === 'none' ? '✓ nothing to mend' : `! ${name}`,
            paint: kind === 'none' ? paint.good : paint.attention,
          },
          { text: manifestId },
          { text: batchId, paint: paint.dim },
        ],
        notes: kind === 'none' ? [] : [reason],
        next,
      };
    }),
    { columns: [{}, { shrinksTo: 20 }, { shrinksTo: 16 }], page },
  );
}
