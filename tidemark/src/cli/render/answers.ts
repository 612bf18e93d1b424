import type { Answers } from '../../evidence/answers.ts';
import type { TableStanding } from '../../evidence/downstream.ts';
import { wholeName } from '../../model/table-names.ts';
import type { Overview } from '../../recovery/read-overview.ts';
import { typedCommands } from '../command-line.ts';
import { recordOutcomes } from './account.ts';
import { shortInstant } from './instant.ts';
import type { Page } from './page.ts';
import { counted, humanCount } from './quantities.ts';
import { wrap } from './wrap.ts';

const LABEL_COLUMNS = 13;

/** The seven questions, a line each where there is room. */
export function answerLines(status: Overview, page: Page): string[] {
  const { answers } = status;
  if (answers === null) return [];
  const { paint, width, projectWords } = page;
  const say = (label: string, text: string, tone: (line: string) => string = (line) => line) => {
    const first = `  ${label.padEnd(LABEL_COLUMNS)}`;
    const hanging = ' '.repeat(LABEL_COLUMNS + 2);
    const [head = '', ...rest] = wrap(text, { width, first, hanging });
    return [paint.dim(first) + tone(head.slice(first.length)), ...rest.map(tone)];
  };
  const advised = status.advice.find(
    ({ manifestId, batchId }) => manifestId === answers.manifestId && batchId === answers.batchId,
  );
  const ok = answers.run.state === 'committed' || answers.run.state === 'nothing_to_commit';
  const tone = ok ? paint.good : answers.run.state === 'running' ? paint.attention : paint.bad;
  return [
    paint.strong(`As of ${shortInstant(status.at)}`),
    '',
    ...say('running', runningText(answers), tone),
    ...say('up to', reachText(answers, status)),
    ...say('written', writtenText(answers)),
    ...say(
      'not written',
      notWrittenText(answers),
      answers.notWritten.count > 0 ? paint.attention : undefined,
    ),
    ...say('downstream', downstreamText(status.tables)),
    ...say('recovery', recoveryText(advised)),
    ...say('command', typedCommands(advised?.next ?? 'tidemark run', projectWords), paint.strong),
  ];
}

function runningText({ manifestId, batchId, because, run }: Answers): string {
  const of = `${manifestId}, batch ${batchId}`;
  const at = shortInstant(run.endedAt ?? run.startedAt);
  const which = because === 'latest' ? 'last' : 'to look at:';
  const why = run.failure === null ? '' : `: ${run.failure}`;
  switch (run.state) {
    case 'running':
      return `${of}, since ${at} (run ${run.runId})`;
    case 'died':
      return `nothing now; ${of} died, begun ${at} (run ${run.runId})`;
    case 'committed':
      return `nothing now; ${which} ${of}, committed ${at}`;
    case 'nothing_to_commit':
      return `nothing now; ${which} ${of}, found nothing new ${at}`;
    default:
      return `nothing now; ${of} ${run.state === 'failed' ? 'failed' : `was ${run.state}`} ${at}${why}`;
  }
}

function reachText({ reach, run, manifestId }: Answers, { manifests }: Overview): string {
  const ended = run.state === 'committed' || run.state === 'nothing_to_commit';
  if (!ended) {
    const last = reach.lastPrepared ?? reach.lastReceived;
    const counts = `${humanCount(reach.received)} received and ${humanCount(reach.prepared)} prepared of ${counted(reach.declared, 'source')}`;
    return last === null ? counts : `${last}; ${counts}`;
  }
  const sources = manifests.find((manifest) => manifest.manifestId === manifestId)?.sources ?? [];
  const [first, ...others] = sources;
  const position = first?.cursor ?? first?.watermark ?? null;
  if (first === undefined || position === null) return `all of ${counted(reach.declared, 'source')}`;
  const proven = first.verified === null ? 'not verified' : `verified through ${first.verified.value}`;
  const more = others.length === 0 ? '' : `; ${counted(others.length, 'more source')} (tidemark state show)`;
  return `${first.sourceId}, ${position.field} ${position.value}, ${proven}${more}`;
}

function writtenText({ written }: Answers): string {
  if (written === null) return 'nothing of this batch';
  const { assets, records, at } = written;
  const outcomes = recordOutcomes(records);
  const inTables = `${humanCount(assets.committed + assets.already_committed)} of ${counted(assets.declared, 'source')}`;
  return `${inTables}${outcomes === '' ? '' : `, ${outcomes}`}, ${shortInstant(at)}`;
}

function notWrittenText({ notWritten: { count, sources }, reach }: Answers): string {
  if (count === 0) return 'nothing is missing';
  const named = sources.map(({ sourceId, outcome }) => `${sourceId} (${outcome.replaceAll('_', ' ')})`);
  const more = count > sources.length ? ` and ${humanCount(count - sources.length)} more` : '';
  return `${humanCount(count)} of ${counted(reach.declared, 'source')}: ${named.join(', ')}${more}`;
}

function downstreamText(tables: readonly TableStanding[]): string {
  const old = tables.filter(({ waiting }) => waiting.length > 0);
  if (tables.length === 0) return 'sees nothing yet: there are no tables';
  if (old.length === 0)
    return `sees new data in ${tables.length === 1 ? 'the table' : `all ${tables.length} tables`}`;
  const [first] = old;
  const since =
    first?.committed === null || first === undefined ? '' : `, of ${shortInstant(first.committed.at)}`;
  const waits = first?.waiting[0]?.batchId ?? '';
  return `sees old data in ${old.map(({ table }) => wholeName(table)).join(', ')}${since}: ${waits} waits`;
}

function recoveryText(advised: Overview['advice'][number] | undefined): string {
  if (advised === undefined || advised.recommendation.kind === 'none')
    return 'none is needed: neither retry, rerun, replay nor backfill';
  const { recommendation } = advised;
  const name =
    recommendation.kind === 'verb' || recommendation.kind === 'again'
      ? recommendation.verb
      : NAMES[recommendation.kind];
  return `${name}: ${recommendation.reason}`;
}

const NAMES = {
  backfill: 'backfill',
  mend: 'none before it is mended by hand',
  wait: 'none yet',
  incident: 'none of the verbs',
  verify: 'none: a verification comes next',
  run: 'none: the next run completes it',
  none: 'none',
} as const;
