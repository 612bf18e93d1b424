import { displayWidth } from './display-width.ts';
import { humanBytes, humanCount, humanDuration } from './quantities.ts';
import { shortenMiddle } from './wrap.ts';

/** Where a run stands at one moment. */
export interface ProgressFacts {
  /** 1-based, among the assets of all runs of the invocation. */
  readonly asset: number;
  readonly assets: number;
  readonly sourceId: string;
  readonly stage: 'landing' | 'refining';
  readonly bytes: number;
  readonly totalBytes: number;
  readonly records: number;
  readonly bytesPerSecond: number | null;
}

const BAR = 20;
const SOURCE_MIN = 24;

/**
 * One line that is never wider than the terminal: ` 3/22 ticket-export  refining ████████░░  42%  310 MiB/s  3 s left`.
 * What does not fit is left out from the right; no colours, since a cut escape sequence would stain the terminal.
 */
export function progressLine(facts: ProgressFacts, width: number): string {
  const { asset, assets, sourceId, stage, bytes, totalBytes, records, bytesPerSecond } = facts;
  const share = totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes);
  const position = `${String(asset).padStart(String(assets).length)}/${assets}`;
  const left = timeLeft({ share, totalBytes, bytesPerSecond });
  const parts = [
    `${labelOf({ stage, share }).padEnd(8)} ${bar(share)} ${String(Math.floor(share * 100)).padStart(3)}%`,
    ...(bytesPerSecond === null ? [] : [`${humanBytes(Math.round(bytesPerSecond))}/s`]),
    ...(left === null ? [] : [left]),
    ...(records > 0 ? [`${humanCount(records)} records`] : []),
    `of ${humanBytes(totalBytes)}`,
  ];
  // A line that fills the last column would wrap in some terminals.
  const room = width - 1;
  while (parts.length > 0) {
    const rest = parts.join('  ');
    const forSource = room - displayWidth(position) - 1 - 2 - displayWidth(rest);
    if (forSource >= Math.min(SOURCE_MIN, displayWidth(sourceId))) {
      return `${position} ${shortenMiddle(sourceId, forSource)}  ${rest}`;
    }
    parts.pop();
  }
  return shortenMiddle(`${position} ${sourceId}`, room);
}

/** The same without a bar, for a log: one whole line. */
export function progressNotice(facts: ProgressFacts): string {
  const { asset, assets, sourceId, stage, bytes, totalBytes, records, bytesPerSecond } = facts;
  const share = totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes);
  const left = timeLeft({ share, totalBytes, bytesPerSecond });
  return [
    `${asset}/${assets} ${sourceId}: ${labelOf({ stage, share })}`,
    `${Math.floor(share * 100)}% of ${humanBytes(totalBytes)}`,
    ...(records > 0 ? [`${humanCount(records)} records`] : []),
    ...(bytesPerSecond === null ? [] : [`${humanBytes(Math.round(bytesPerSecond))}/s`]),
    ...(left === null ? [] : [left]),
  ].join(', ');
}

/** What has been refined whole is deduplicated and written to its data files, which has no measure. */
function labelOf({ stage, share }: { stage: ProgressFacts['stage']; share: number }): string {
  return stage === 'refining' && share >= 1 ? 'writing' : stage;
}

function bar(share: number): string {
  const full = Math.round(share * BAR);
  return '█'.repeat(full) + '░'.repeat(BAR - full);
}

function timeLeft({
  share,
  totalBytes,
  bytesPerSecond,
}: {
  share: number;
  totalBytes: number;
  bytesPerSecond: number | null;
}): string | null {
  if (bytesPerSecond === null || bytesPerSecond <= 0 || share >= 1) return null;
  const seconds = Math.max(1, Math.ceil((totalBytes * (1 - share)) / bytesPerSecond));
  // Tenths of a second would only flicker.
  return `${seconds < 60 ? `${seconds} s` : humanDuration(seconds * 1000)} left`;
}
