import type { ManifestStanding } from '../../evidence/manifest-standing.ts';
import type { StatusReport } from '../../evidence/status.ts';
import { wholeName } from '../../model/table-names.ts';
import type { Overview } from '../../recovery/read-overview.ts';
import { answerLines } from './answers.ts';
import { type AssetLine, assetLines } from './asset-lines.ts';
import type { Cell } from './columns.ts';
import { ageText, reasonText } from './health-text.ts';
import { severityCell } from './incidents.ts';
import { shortMinute } from './instant.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { counted, humanCount } from './quantities.ts';
import { wrap } from './wrap.ts';

/** From here on there is room for the id of a snapshot. */
const WIDE = 100;

/** Lines of one kind that are told; the rest is counted. */
const SHOWN_MAX = 8;
const INCIDENTS_SHOWN_MAX = 5;

/** The seven questions of the next morning for what matters most, then every manifest and table in a line. */
export function statusLines(status: Overview, page: Page): string[] {
  if (status.batches.length === 0) {
    return ['Nothing was ever run here.', ...nextLines('tidemark plan', page)];
  }
  return [
    ...answerLines(status, page),
    '',
    ...section('Manifests', manifestLines(status, page), page),
    ...section('Tables', tableLines(status, page), page),
    ...section('Incidents', incidentLines(status, page), page),
    ...furtherLines(status, page),
  ];
}

function section(title: string, lines: readonly string[], { paint }: Page): string[] {
  return lines.length === 0 ? [] : [paint.strong(title), '', ...lines, ''];
}

function manifestLines({ manifests, known }: StatusReport, page: Page): string[] {
  const shown = manifests.slice(0, SHOWN_MAX);
  const lines = shown.map(
    (manifest): AssetLine => ({
      cells: [
        healthCell(manifest, page),
        { text: manifest.manifestId },
        { text: ageText(manifest.staleness), paint: page.paint.dim },
      ],
      notes: manifest.reasons.map((reason) => reasonText(reason, manifest.staleness)),
      next: null,
    }),
  );
  const rest = known.manifests - shown.length;
  const unwell = manifests.slice(SHOWN_MAX).filter(({ health }) => health !== 'healthy').length;
  const of = unwell === 0 ? 'nothing is known against them' : `${humanCount(unwell)} of them not well`;
  return [
    ...assetLines(lines, { columns: [{}, { shrinksTo: 20 }, {}], page }),
    ...(rest > 0 ? [page.paint.dim(`  … and ${counted(rest, 'manifest')} more, ${of}`)] : []),
  ];
}

function healthCell({ health }: ManifestStanding, { paint }: Page): Cell {
  if (health === 'healthy') return { text: '✓ healthy', paint: paint.good };
  return health === 'degraded'
    ? { text: '! degraded', paint: paint.attention }
    : { text: '✗ unhealthy', paint: paint.bad };
}

function tableLines({ tables }: StatusReport, page: Page): string[] {
  const { paint, width } = page;
  const lines = tables.map((table): AssetLine => {
    const name = { text: wholeName(table.table) };
    if (table.fault !== null) return { cells: [name], notes: [`cannot be read: ${table.fault}`], next: null };
    const { totalRecords, snapshotId, committed, waiting } = table;
    const snapshot = snapshotId === null ? 'empty' : `snapshot ${snapshotId}`;
    return {
      cells: [
        name,
        waiting.length > 0 ? { text: 'old', paint: paint.attention } : { text: 'new', paint: paint.good },
        { text: counted(totalRecords, 'row') },
        { text: committed === null ? '' : shortMinute(committed.at), paint: paint.dim },
        { text: committed?.batchId ?? 'not by a run', paint: paint.dim },
        ...(width < WIDE ? [] : [{ text: snapshot, paint: paint.dim }]),
      ],
      notes: [],
      next: null,
    };
  });
  const columns = [{}, {}, { align: 'right' as const }, {}, { shrinksTo: 12 }, { shrinksTo: 10 }];
  return assetLines(lines, { columns, page });
}

/** One line each, with its command where no other is told for its batch. */
function incidentLines({ incidents: { worst, more } }: Overview, page: Page): string[] {
  const shown = worst.slice(0, INCIDENTS_SHOWN_MAX);
  const rest = worst.length - shown.length + more;
  const lines = shown.map(
    (incident): AssetLine => ({
      cells: [
        severityCell(incident, page),
        { text: incident.kind },
        { text: incident.state === 'open' ? '' : incident.state, paint: page.paint.dim },
        { text: incident.key, paint: page.paint.dim },
        { text: incident.sourceId ?? incident.batchId ?? incident.table ?? '', paint: page.paint.dim },
      ],
      notes: [],
      next: null,
    }),
  );
  return [
    ...assetLines(lines, { columns: [{}, {}, {}, {}, { shrinksTo: 12 }], page }),
    ...(shown.length === 0 ? [] : nextLines('tidemark incidents', page, '  ')),
    ...(rest > 0 ? [page.paint.dim(`  … and ${humanCount(rest)} more`)] : []),
  ];
}

/** What the answers have not told already. */
function furtherLines(status: Overview, page: Page): string[] {
  const { answers, batches, attention } = status;
  const own = batches.find(
    ({ manifestId, batchId }) => manifestId === answers?.manifestId && batchId === answers.batchId,
  );
  const told = [own?.lastRun?.runId, own?.committed?.runId];
  const further = attention.filter(({ subject }) => !told.includes(subject));
  if (attention.length > 0 && further.length === 0) return [];
  return attentionLines({ attention: further }, page);
}

/** Also all that `--quiet` leaves. */
export function attentionLines({ attention }: Pick<StatusReport, 'attention'>, page: Page): string[] {
  const { paint, width } = page;
  if (attention.length === 0) return [paint.good('✓ all is well')];
  const rest = attention.length - SHOWN_MAX;
  return [
    paint.strong('Needs attention'),
    '',
    ...attention
      .slice(0, SHOWN_MAX)
      .flatMap(({ message, next }) => [
        ...wrap(`! ${message}`, { width, first: '  ', hanging: '    ' }).map(paint.attention),
        ...nextLines(next, page, '    '),
      ]),
    ...(rest > 0
      ? ['', `  and ${humanCount(rest)} more:`, ...nextLines('tidemark recover', page, '    ')]
      : []),
  ];
}
