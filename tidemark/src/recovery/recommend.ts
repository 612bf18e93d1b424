import type { RunState } from '../catalog/schema.ts';
import type { RecoveryVerb } from './recovery-plan.ts';

/** What is known of a batch, without a data file or a source opened. */
export interface BatchFacts {
  readonly inProgress: boolean;
  readonly lastRun: {
    readonly runId: string;
    readonly state: RunState;
    readonly failure: string | null;
    /** The plan that it executes, where that would do more than a retry. */
    readonly plan: { readonly planId: string; readonly verb: RecoveryVerb } | null;
  } | null;
  readonly proven: boolean;
  readonly verdict: 'pass' | 'fail' | 'unknown' | null;
  readonly committedUnits: number;
  /** What is stored and not as it was: of raw objects, of data files. */
  readonly damagedObjects: readonly string[];
  readonly damagedFiles: readonly string[];
  /** Sources with duplicates that have lost the record kept in their place. */
  readonly orphanedDuplicates: readonly string[];
  /** Contracts under which units were committed and which are others by now. */
  readonly changedContracts: readonly string[];
  /** Held or refused sources that the manifest admits by now, and those that it does not. */
  readonly admissible: readonly string[];
  readonly turnedAway: readonly string[];
  /** Sources whose bytes are not what the manifest declares, by an open incident. */
  readonly contradicted: readonly string[];
  /** Declared sources of which nothing is stored. */
  readonly neverStored: readonly string[];
  /** Windows that an open incident found missing. */
  readonly missingWindows: readonly { readonly from: string; readonly to: string }[];
  /** The gravest open incident that none of the above tells of, with what mends it. */
  readonly otherIncident: {
    readonly key: string;
    readonly message: string;
    readonly suggestion: string;
  } | null;
  /** Incidents for which a plan was executed and no verification was made since. */
  readonly mending: number;
}

export type Recommendation =
  | { readonly kind: 'verb'; readonly verb: Exclude<RecoveryVerb, 'backfill'>; readonly reason: string }
  | { readonly kind: 'backfill'; readonly from: string; readonly to: string; readonly reason: string }
  /** The plan that was being executed is executed again. */
  | { readonly kind: 'again'; readonly verb: RecoveryVerb; readonly planId: string; readonly reason: string }
  /** A person has to do something first. */
  | { readonly kind: 'mend'; readonly reason: string }
  | { readonly kind: 'wait'; readonly reason: string }
  /** What an open incident suggests. */
  | { readonly kind: 'incident'; readonly key: string; readonly suggestion: string; readonly reason: string }
  /** What should be mended is shown to be. */
  | { readonly kind: 'verify'; readonly reason: string }
  /** The next plain run completes it. */
  | { readonly kind: 'run'; readonly reason: string }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * The one right next step for a batch, by a fixed order: what is unfinished first, then what is damaged at its origin
 * (only the source mends that), then what can be made again from raw bytes, then what is missing. Pure.
 */
export function recommend(facts: BatchFacts): Recommendation {
  const { lastRun } = facts;
  if (facts.inProgress) return { kind: 'wait', reason: 'a run of it is in progress' };
  if (lastRun !== null && UNFINISHED.has(lastRun.state)) {
    const why = lastRun.failure === null ? '' : `: ${lastRun.failure}`;
    const how = lastRun.state === 'running' ? 'died' : `ended as ${lastRun.state}`;
    const reason = `its last run ${how}${why}`;
    return lastRun.plan === null ? verb('retry', reason) : { kind: 'again', ...lastRun.plan, reason };
  }
  if (facts.damagedObjects.length > 0)
    return verb(
      'rerun',
      `what was received is damaged, only the source has it: ${some(facts.damagedObjects)}`,
    );
  if (facts.damagedFiles.length > 0)
    return verb('replay', `data files are damaged, raw bytes are whole: ${some(facts.damagedFiles)}`);
  if (facts.committedUnits > 0 && !facts.proven)
    return { kind: 'run', reason: 'it is committed and its proof was interrupted' };
  if (facts.verdict === 'fail')
    return verb(
      'replay',
      'its reconciliation failed: what raw bytes come to is compared with what is stored',
    );
  if (facts.orphanedDuplicates.length > 0)
    return verb('replay', `duplicates without their keeper: ${some(facts.orphanedDuplicates)}`);
  if (facts.changedContracts.length > 0)
    return verb('replay', `it was judged under another contract: ${some(facts.changedContracts)}`);
  if (facts.admissible.length > 0)
    return verb('replay', `held or refused before, admitted by now: ${some(facts.admissible)}`);
  // Trying again comes to the same until a person has mended something; the next plain run takes that up.
  if (lastRun?.state === 'withheld')
    return {
      kind: 'mend',
      reason: `its last run was withheld: ${lastRun.failure ?? 'too much was rejected'}`,
    };
  const [window] = facts.missingWindows;
  if (window !== undefined) {
    return { kind: 'backfill', ...window, reason: `nothing covers ${window.from} to ${window.to}` };
  }
  if (facts.neverStored.length > 0)
    return verb('rerun', `declared and never received: ${some(facts.neverStored)}`);
  if (facts.contradicted.length > 0)
    return verb(
      'rerun',
      `not what its manifest declares, deliver it again or mend its declaration first: ${some(facts.contradicted)}`,
    );
  if (facts.otherIncident !== null) {
    const { key, message, suggestion } = facts.otherIncident;
    return { kind: 'incident', key, suggestion, reason: `incident ${key} is open: ${message}` };
  }
  if (facts.turnedAway.length > 0)
    return { kind: 'mend', reason: `turned away by the gate: ${some(facts.turnedAway)}` };
  if (facts.mending > 0)
    return { kind: 'verify', reason: 'what was mended waits for the verification that shows it' };
  return { kind: 'none', reason: 'nothing to mend' };
}

const UNFINISHED: ReadonlySet<RunState> = new Set(['running', 'interrupted', 'failed']);

function verb(name: Exclude<RecoveryVerb, 'backfill'>, reason: string): Recommendation {
  return { kind: 'verb', verb: name, reason };
}

const NAMED_MAX = 3;

function some(names: readonly string[]): string {
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  return `${names.slice(0, NAMED_MAX).join(', ')}${more}`;
}
