import type { FoundSymptom, VerificationReport } from '../../verify/verify.ts';
import { alignColumns } from './columns.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { counted, humanCount } from './quantities.ts';
import { wrap } from './wrap.ts';

/** Symptoms that a screen shows whole; the rest are counted, and all of them are incidents. */
const SHOWN_MAX = 20;

/** What was checked, what was found, what became of the incidents. */
export function verificationReportLines(report: VerificationReport, page: Page): string[] {
  if (report.verdict === 'nothing') return verificationReportVerdict(report, page);
  const { paint, width } = page;
  const rows = report.checks.map(({ name, checked, found, note }) => [
    { text: found > 0 ? '✗' : '✓', paint: found > 0 ? paint.bad : paint.good },
    { text: name },
    { text: `${humanCount(checked)} checked` },
    { text: found > 0 ? `${humanCount(found)} found` : '' },
    { text: note ?? '', paint: paint.attention },
  ]);
  const columns = [{}, {}, { align: 'right' as const }, {}, { shrinksTo: 20 }];
  return [
    paint.strong(scopeText(report)),
    ...alignColumns(rows, { columns, width, indent: '  ' }),
    ...report.inProgress.map((run) =>
      paint.attention(`  run ${run} is in progress; what it was writing was left out`),
    ),
    '',
    ...report.symptoms.slice(0, SHOWN_MAX).flatMap((symptom) => symptomLines(symptom, page)),
    ...furtherLines(report),
    ...verificationReportVerdict(report, page),
  ];
}

function scopeText({ scope: { batches, table }, quick }: VerificationReport): string {
  const of = [
    ...(batches === null
      ? []
      : [
          batches.length === 1
            ? `batch ${batches[0]?.batchId} of ${batches[0]?.manifestId}`
            : `${batches.length} batches`,
        ]),
    ...(table === null ? [] : [`bronze.${table}`]),
  ];
  return `${of.length === 0 ? 'Everything stored' : of.join(', ')}${quick ? ', quick: cells were not compared' : ''}`;
}

function symptomLines({ kind, severity, message, suggestion, key }: FoundSymptom, page: Page): string[] {
  const { paint, width } = page;
  const head = `${severity === 'minor' ? '–' : '✗'} ${kind} (${severity}, incident ${key})`;
  return [
    ...wrap(head, { width, hanging: '  ' }).map(severity === 'minor' ? paint.attention : paint.bad),
    ...wrap(message, { width, first: '  ' }),
    ...nextLines(suggestion, page, '  '),
    '',
  ];
}

function furtherLines({ symptoms, more }: VerificationReport): string[] {
  const further = Math.max(0, symptoms.length - SHOWN_MAX) + more;
  return further === 0 ? [] : [`and ${humanCount(further)} more`, ''];
}

/** Also all that `--quiet` leaves of one that found something. */
export function verificationReportVerdict(report: VerificationReport, page: Page): string[] {
  const { paint } = page;
  const { verdict, symptoms, more, incidents, next } = report;
  if (verdict === 'nothing') return ['nothing was ever run here: there is nothing to verify'];
  const found = symptoms.length + more;
  const moves =
    incidents === null
      ? 'nothing could be recorded: the catalog is read-only'
      : `incidents: ${incidents.opened} opened, ${incidents.repeated} seen again, ${incidents.resolved} resolved`;
  return [
    verdict === 'pass'
      ? paint.good(
          `✓ everything is as it was recorded${found > 0 ? `, but for ${counted(found, 'minor thing')}` : ''}`,
        )
      : paint.bad(`✗ ${counted(found, 'thing is', 'things are')} not as recorded`),
    paint.dim(moves),
    ...(next === null ? [] : nextLines(next, page)),
  ];
}
