import type { ContractTestReport } from '../../contract/contract-test.ts';
import type { Page } from './page.ts';
import { counted, humanCount } from './quantities.ts';
import { wrap } from './wrap.ts';

/** Every contract and every fixture file; of the cases, those whose claim does not hold. */
export function contractTestLines(report: ContractTestReport, page: Page): string[] {
  const { paint } = page;
  return [
    ...report.faults.flatMap((fault) => bad(fault, page)),
    paint.strong('Contracts'),
    '',
    ...report.contracts.flatMap(({ ref, fault, notes }) => [
      ...(fault === null ? [`  ${paint.good('✓')} ${ref}`] : bad(fault, page)),
      ...notes.flatMap((note) => wrap(note, { width: page.width, first: '      ' }).map(paint.dim)),
    ]),
    '',
    ...fixtureLines(report, page),
    ...contractTestVerdict(report, page),
  ];
}

function fixtureLines({ fixtures }: ContractTestReport, page: Page): string[] {
  if (fixtures.length === 0) return [];
  const { paint, width } = page;
  return [
    paint.strong('Fixtures'),
    '',
    ...fixtures.flatMap(({ path, faults, cases }) => {
      const failed = cases.filter(({ fault }) => fault !== null);
      const held = `${humanCount(cases.length - failed.length)} of ${counted(cases.length, 'claim')} hold`;
      const good = faults.length === 0 && failed.length === 0;
      return [
        `  ${good ? paint.good('✓') : paint.bad('✗')} ${path}  ${paint.dim(faults.length === 0 ? held : 'not judged')}`,
        ...faults.flatMap((fault) => wrap(fault, { width, first: '      ' }).map(paint.bad)),
        ...failed.flatMap(({ name, fault }) =>
          wrap(`"${name}" ${fault}`, { width, first: '      ', hanging: '        ' }).map(paint.bad),
        ),
      ];
    }),
    '',
  ];
}

export function contractTestVerdict(
  { passes, contracts, fixtures, notes }: ContractTestReport,
  page: Page,
): string[] {
  const { paint, width } = page;
  const cases = fixtures.flatMap((file) => file.cases);
  const text = `${counted(contracts.length, 'contract')}, ${counted(cases.length, 'claim')}`;
  return [
    ...notes.flatMap((note) => wrap(`note: ${note}`, { width, hanging: '  ' }).map(paint.dim)),
    passes ? paint.good(`✓ ${text}: all as claimed`) : paint.bad(`✗ ${text}: not all as claimed`),
  ];
}

function bad(text: string, { paint, width }: Page): string[] {
  return wrap(`✗ ${text}`, { width, first: '  ', hanging: '    ' }).map(paint.bad);
}
