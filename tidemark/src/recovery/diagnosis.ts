import type { Incident } from '../catalog/find-incidents.ts';
import type { IncidentClass, RunState, RunVerb } from '../catalog/schema.ts';
import type { SourceState } from '../evidence/state/read-state.ts';
import { counted } from '../evidence/stories/story.ts';
import { formatDuration } from '../model/duration.ts';
import type { Distance } from '../progress/distance.ts';
import type { Advice } from './advise-batches.ts';
import type { BatchTarget } from './batch-at-hand.ts';
import type { Recommendation } from './recommend.ts';

/** What is known of a batch, in the order in which it is gone through. */
export interface DiagnosisFacts extends BatchTarget {
  readonly manifest: {
    readonly path: string;
    readonly hash: string;
    readonly loadMode: string;
    readonly window: string;
    /** The file as it is now: as the last run read it, another, refused, or not there. */
    readonly now: 'same' | 'changed' | 'refused' | 'gone';
  };
  readonly run: {
    readonly runId: string;
    readonly verb: RunVerb;
    readonly state: RunState | 'died';
    readonly startedAt: string;
    readonly endedAt: string | null;
    readonly failure: string | null;
    /** Runs of the batch so far. */
    readonly runs: number;
    readonly proven: boolean;
    readonly verdict: 'pass' | 'fail' | 'unknown' | null;
  };
  /** Sources of the batch, at most a few; `sources` is how many there are. */
  readonly progress: readonly SourceState[];
  readonly coverage: {
    readonly declared: number;
    readonly landed: number;
    readonly committed: number;
    readonly missing: readonly { readonly sourceId: string; readonly why: string }[];
  };
  /** Of the batch and not resolved, the gravest first. */
  readonly incidents: readonly Incident[];
  readonly advice: Pick<Advice, 'recommendation' | 'next'>;
}

export interface DiagnosisStep {
  readonly step: 'manifest' | 'run' | 'progress' | 'coverage' | 'class';
  readonly verdict: 'well' | 'wrong' | 'note';
  /** One or more sentences with figures. */
  readonly told: readonly string[];
}

export interface Diagnosis {
  /** Null where what is wrong is about no batch. */
  readonly batch: BatchTarget | null;
  /** In the fixed order: manifest, run, progress, coverage, class. */
  readonly steps: readonly DiagnosisStep[];
  readonly class: IncidentClass | null;
  /** Key of the incident that it comes down to. */
  readonly incident: string | null;
  /** The one command, the same that `recover` names; null when nothing is to be done. */
  readonly next: string | null;
}

/** Named one by one; the rest is counted. */
const NAMED_MAX = 3;

/** Goes through what is known in the fixed order. Pure: nothing is opened, and the same facts tell the same story. */
export function diagnose(facts: DiagnosisFacts): Diagnosis {
  const { manifestId, batchId, incidents, advice } = facts;
  const [incident] = incidents;
  return {
    batch: { manifestId, batchId },
    steps: [manifestStep(facts), runStep(facts), progressStep(facts), coverageStep(facts), classStep(facts)],
    class: incident?.class ?? classOf(advice.recommendation),
    incident: incident?.key ?? null,
    next: advice.next,
  };
}

/** An incident that is about no batch: a stray file, a table that cannot be read. */
export function diagnoseIncident(incident: Incident): Diagnosis {
  const none = 'it is about no batch: no manifest declared it, no run brought it';
  const note = (step: DiagnosisStep['step']): DiagnosisStep => ({ step, verdict: 'note', told: [none] });
  return {
    batch: null,
    steps: [
      ...(['manifest', 'run', 'progress', 'coverage'] as const).map(note),
      { step: 'class', verdict: 'wrong', told: [incidentText(incident)] },
    ],
    class: incident.class,
    incident: incident.key,
    next: incident.state === 'mending' ? 'tidemark verify' : incident.suggestion,
  };
}

const FILE_NOW = {
  same: 'the file is as that run read it',
  changed: 'the file is another by now than that run read',
  refused: 'the file is refused as it is now',
  gone: 'the file is not there any more',
} as const;

function manifestStep({ manifestId, batchId, manifest, coverage }: DiagnosisFacts): DiagnosisStep {
  const { path, hash, loadMode, window, now } = manifest;
  return {
    step: 'manifest',
    verdict: now === 'same' ? 'well' : now === 'refused' ? 'wrong' : 'note',
    told: [
      `${manifestId} (${path}, ${hash.slice(0, 12)}…), batch ${batchId}: ${loadMode}, ${window}, ${counted(coverage.declared, 'source')} declared`,
      FILE_NOW[now],
    ],
  };
}

const ENDED: Readonly<Record<RunState | 'died', string>> = {
  running: 'is in progress since',
  died: 'died, it began',
  committed: 'committed',
  nothing_to_commit: 'found nothing new',
  withheld: 'was withheld',
  failed: 'failed',
  interrupted: 'was interrupted',
};

function runStep({ run }: DiagnosisFacts): DiagnosisStep {
  const { runId, verb, state, startedAt, endedAt, failure, runs, proven, verdict } = run;
  const well = state === 'committed' || state === 'nothing_to_commit' || state === 'running';
  const proof =
    verdict === 'fail'
      ? 'what it committed does not reconcile'
      : proven
        ? `what is committed is proven, verdict ${verdict}`
        : 'nothing of the batch is committed and proven';
  return {
    step: 'run',
    verdict: well && verdict !== 'fail' && (proven || state === 'running') ? 'well' : 'wrong',
    told: [
      `${verb} ${runId}, ${runs === 1 ? 'the only one' : `the last of ${runs}`} of the batch, ${ENDED[state]} ${endedAt ?? startedAt}${failure === null ? '' : `: ${failure}`}`,
      proof,
    ],
  };
}

function progressStep({ progress }: DiagnosisFacts): DiagnosisStep {
  const told = progress.slice(0, NAMED_MAX).map(sourceText);
  const rest = progress.length - told.length;
  const wrong = progress.some(({ verifiedBehindWatermark: behind }) => behind !== null && isBehind(behind));
  return {
    step: 'progress',
    verdict: progress.length === 0 ? 'note' : wrong ? 'wrong' : 'well',
    told:
      told.length === 0
        ? ['nothing of the batch is processed and persisted; no cursor has moved for it']
        : [...told, ...(rest > 0 ? [`and ${counted(rest, 'more source')}`] : [])],
  };
}

function sourceText(source: SourceState): string {
  const { sourceId, checkpoint, cursor, watermark, verified } = source;
  const parts = [
    ...(checkpoint === null ? [] : [`checkpoint at ${counted(checkpoint.records, 'record')}`]),
    ...(cursor === null ? [] : [`cursor ${cursor.field} ${cursor.value}`]),
    ...(watermark === null
      ? []
      : [`watermark ${watermark.value}${apart(source.watermarkBehindCursor, 'the cursor')}`]),
    ...(verified === null ? [] : [`verified through ${verified.value}`]),
    ...(verified !== null && source.verifiedBehindWatermark !== null
      ? [`${apart(source.verifiedBehindWatermark, 'the watermark').slice(2)}`]
      : []),
  ].filter((part) => part !== '');
  return `${sourceId}: ${parts.join(', ')}`;
}

function apart(distance: Distance | null, of: string): string {
  if (distance === null || !isBehind(distance)) return '';
  const amount = distance.kind === 'time' ? formatDuration(distance.ms) : distance.count;
  return `, ${amount} behind ${of}`;
}

function isBehind(distance: Distance): boolean {
  return distance.kind === 'time' ? distance.ms > 0 : BigInt(distance.count) > 0n;
}

function coverageStep({ coverage }: DiagnosisFacts): DiagnosisStep {
  const { declared, landed, committed, missing } = coverage;
  const named = missing.slice(0, NAMED_MAX).map(({ sourceId, why }) => `${sourceId}: ${why}`);
  const rest = missing.length - named.length;
  return {
    step: 'coverage',
    verdict: missing.length === 0 ? 'well' : 'wrong',
    told: [
      `${declared} declared, ${landed} received, ${committed} committed, ${missing.length} missing`,
      ...named,
      ...(rest > 0 ? [`and ${rest} more`] : []),
    ],
  };
}

function classStep({ incidents, advice: { recommendation } }: DiagnosisFacts): DiagnosisStep {
  const told = incidents.slice(0, NAMED_MAX).map(incidentText);
  const rest = incidents.length - told.length;
  if (told.length > 0)
    return {
      step: 'class',
      verdict: 'wrong',
      told: [...told, ...(rest > 0 ? [`and ${counted(rest, 'more incident')}`] : [])],
    };
  if (recommendation.kind === 'none')
    return { step: 'class', verdict: 'well', told: ['none: nothing is known against this batch'] };
  const found = classOf(recommendation);
  return {
    step: 'class',
    verdict: 'wrong',
    told: [`${found === null ? 'none of the four' : nameOf(found)}: ${recommendation.reason}`],
  };
}

function incidentText({ kind, severity, state, key, message, class: found }: Incident): string {
  return `${nameOf(found)}: ${kind}, ${severity}, ${state}, incident ${key}: ${message}`;
}

function nameOf(found: IncidentClass): string {
  return found.replaceAll('_', '-');
}

/** What is not yet an incident has a class all the same. Null: held by decision, in progress, or well. */
function classOf(recommendation: Recommendation): IncidentClass | null {
  switch (recommendation.kind) {
    case 'verb':
      return { retry: 'gap', rerun: 'gap', replay: 'mismatch' }[recommendation.verb] as IncidentClass;
    case 'backfill':
    case 'again':
    case 'run':
      return 'gap';
    default:
      return null;
  }
}
