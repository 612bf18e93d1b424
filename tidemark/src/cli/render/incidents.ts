import type { Incident } from '../../catalog/find-incidents.ts';
import type { Acknowledgement } from '../../incident/acknowledge.ts';
import type { IncidentList } from '../../incident/read-incidents.ts';
import { commandLine } from '../command-line.ts';
import { alignColumns, type Cell } from './columns.ts';
import { shortMinute } from './instant.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { humanCount } from './quantities.ts';
import { wrap } from './wrap.ts';

/** One head line an incident, what it is below, what mends it below that. `asked`: by a filter. */
export function incidentLines(
  { incidents, more }: IncidentList,
  { page, asked }: { page: Page; asked: boolean },
): string[] {
  const { paint, width } = page;
  if (incidents.length === 0) {
    const verify = nextLines(commandLine('verify'), page);
    if (asked) return ['No incident is like that.', ...nextLines(commandLine('incidents', 'list'), page)];
    return [
      paint.good('✓ no incident is open'),
      paint.dim('Runs tell what they find; all that is stored is looked at by a verification alone.'),
      ...verify,
    ];
  }
  const heads = alignColumns(
    incidents.map((incident) => [
      severityCell(incident, page),
      { text: incident.kind, paint: page.paint.strong },
      { text: incident.class.replaceAll('_', '-') },
      { text: incident.state === 'open' ? '' : incident.state, paint: paint.dim },
      { text: incident.key, paint: paint.dim },
      { text: shortMinute(incident.lastSeenAt), paint: paint.dim },
    ]),
    { columns: [{}, {}, {}, {}, {}, {}], width },
  );
  return [
    ...heads.flatMap((head, at) => {
      const { message = '', state, suggestion = '' } = incidents[at] ?? {};
      return [
        head,
        ...wrap(message, { width, first: '  ' }),
        ...(state === 'resolved'
          ? []
          : nextLines(state === 'mending' ? 'tidemark verify' : suggestion, page, '  ')),
        '',
      ];
    }),
    ...(more > 0 ? [paint.attention(`and ${humanCount(more)} more that fit, the gravest first`), ''] : []),
    ...nextLines(
      more > 0
        ? commandLine('incidents', 'list', '--limit', String(incidents.length + more))
        : commandLine('incidents', 'show', incidents[0]?.key ?? ''),
      page,
    ),
  ];
}

export function severityCell({ severity, state }: Incident, { paint }: Page): Cell {
  if (state === 'resolved') return { text: `✓ ${severity}`, paint: paint.good };
  return severity === 'minor'
    ? { text: `– ${severity}`, paint: paint.attention }
    : { text: `✗ ${severity}`, paint: paint.bad };
}

/** The assets of a run have told why. */
const TOLD_ABOVE = ['batch_unfinished', 'source_not_received', 'source_contradicts_manifest'];

/** What runs found wrong: each with what mends it. */
export function foundLines({ incidents, more }: IncidentList, page: Page): string[] {
  const { paint, width } = page;
  if (incidents.length === 0) return [];
  return [
    paint.strong('Incidents'),
    '',
    ...incidents.flatMap((incident) => [
      ...wrap(headOf(incident), { width, first: '  ', hanging: '    ' }).map(
        incident.severity === 'minor' ? paint.attention : paint.bad,
      ),
      ...(TOLD_ABOVE.includes(incident.kind) ? [] : wrap(incident.message, { width, first: '    ' })),
      ...nextLines(incident.suggestion, page, '    '),
    ]),
    ...(more > 0
      ? ['', `  and ${humanCount(more)} more:`, ...nextLines('tidemark incidents', page, '    ')]
      : []),
    '',
  ];
}

function headOf({ severity, kind, sourceId, batchId, key }: Incident): string {
  const about = sourceId ?? batchId;
  return `${severity === 'minor' ? '–' : '✗'} ${kind}${about === null ? '' : `: ${about}`} (${severity}, incident ${key})`;
}

export function acknowledgedLines({ incident, changed }: Acknowledgement, page: Page): string[] {
  const reason = incident.life.findLast(({ kind }) => kind === 'acknowledged')?.detail.reason;
  const { width, paint } = page;
  const what = changed ? '✓ acknowledged' : 'was acknowledged before, nothing was changed';
  return [
    ...wrap(`${what}: ${incident.kind}, incident ${incident.key}`, { width, hanging: '  ' }),
    ...wrap(`because: ${String(reason)}`, { width, first: '  ' }),
    ...wrap('It stays in status until a verification no longer finds it.', { width, first: '  ' }).map(
      paint.dim,
    ),
    ...nextLines(incident.suggestion, page),
  ];
}
