import type { Judgement } from '../../manifest/source-manifest.ts';
import type { AssetOutcome } from '../../model/tally.ts';
import type { PlannedAsset } from '../../run/plan-ingest.ts';
import type { Cell } from './columns.ts';
import type { Paint } from './paint.ts';

/** Signs are one column wide in every terminal, and a word stands beside each. */
const OUTCOMES: Record<AssetOutcome, readonly [sign: string, tone: keyof Paint]> = {
  committed: ['✓', 'good'],
  already_committed: ['=', 'dim'],
  held: ['~', 'attention'],
  refused: ['✗', 'bad'],
  failed: ['!', 'bad'],
};

export function outcomeCell(outcome: AssetOutcome, paint: Paint): Cell {
  const [sign, tone] = OUTCOMES[outcome];
  return { text: `${sign} ${outcome.replaceAll('_', ' ')}`, paint: paint[tone] };
}

const ACTIONS: Record<PlannedAsset['action'], readonly [sign: string, tone: keyof Paint]> = {
  ingest: ['+', 'good'],
  skip: ['=', 'dim'],
  hold: ['~', 'attention'],
  refuse: ['✗', 'bad'],
  unknown: ['?', 'attention'],
  fail: ['!', 'bad'],
};

export function actionCell(action: PlannedAsset['action'], paint: Paint): Cell {
  const [sign, tone] = ACTIONS[action];
  return { text: `${sign} ${action}`, paint: paint[tone] };
}

const JUDGEMENTS: Record<Judgement, keyof Paint> = {
  accept: 'good',
  warn: 'attention',
  quarantine: 'attention',
  reject: 'bad',
};

export function judgementCell(judgement: Judgement, paint: Paint): Cell {
  return { text: judgement, paint: paint[JUDGEMENTS[judgement]] };
}
