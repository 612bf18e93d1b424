import type { FoundSkip } from './find-skips.ts';
import { facts, related, type Story } from './story.ts';

/** A valid record that did not enter: a duplicate whose keeper is elsewhere, or one outside the window. */
export function skipStory(skip: FoundSkip): Story {
  const where = `line ${skip.line} of ${skip.sourceId}`;
  const { keeper } = skip;
  return {
    kind: 'skip',
    title: `skipped as ${skip.outcome.replaceAll('_', ' ')}: ${where} is not in bronze.${skip.table}`,
    facts: facts({
      fingerprint: skip.fingerprint,
      'cursor value outside the window': skip.cursorValue,
      kept:
        keeper && `line ${keeper.line} of ${keeper.sourceId}, batch ${keeper.batchId}, run ${keeper.runId}`,
    }),
    related: related({
      source: skip.sourceId,
      manifest: skip.manifestId,
      batch: skip.batchId,
      run: skip.runId,
      trace: skip.traceId,
      content: skip.sourceFingerprint,
      unit: skip.unitKey,
    }),
    next: null,
  };
}
