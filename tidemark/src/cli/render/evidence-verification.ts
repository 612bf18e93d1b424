import type { EvidenceVerification } from '../../evidence/verify-evidence.ts';
import { nextLines } from './next-line.ts';
import type { Page } from './page.ts';
import { counted } from './quantities.ts';
import { wrap } from './wrap.ts';

/** What is not as it was sealed, the heads to note, the verdict. */
export function verificationLines(found: EvidenceVerification, page: Page): string[] {
  const { paint, width } = page;
  return [
    ...findingLines(found, page),
    ...(found.chains.length === 0 ? [] : [paint.strong('Heads'), '']),
    ...found.chains.flatMap(({ chain, head, entries }) =>
      wrap(`${head ?? `${chain}: no entries`}  ${counted(entries, 'entry', 'entries')}`, {
        width,
        first: '  ',
        hanging: '    ',
      }),
    ),
    ...(found.chains.length === 0
      ? []
      : [
          ...wrap(
            'Note them elsewhere: with --expect-head they also tell later whether a tail was cut off.',
            {
              width,
              first: '  ',
              hanging: '  ',
            },
          ).map(paint.dim),
          '',
        ]),
    ...found.inProgress.map((run) => paint.attention(`run ${run} is in progress; its folder was left out`)),
    ...verificationVerdict(found, page),
  ];
}

/** Also all that `--quiet` leaves of one that failed. */
export function verificationVerdict(found: EvidenceVerification, page: Page): string[] {
  const { paint } = page;
  const looked = `${counted(found.chains.length, 'chain')}, ${counted(found.runs, 'run')}, ${counted(found.files, 'file')}, ${counted(found.ledgerEntries, 'ledger entry', 'ledger entries')}`;
  if (found.verdict === 'pass' && found.chains.length === 0) return ['nothing was ever sealed here'];
  if (found.verdict === 'pass') return [paint.good(`✓ ${looked}: as sealed`)];
  const next = found.findings[0]?.next;
  return [
    paint.bad(`✗ ${looked}: ${counted(found.findings.length, 'thing is', 'things are')} not as sealed`),
    ...(next === undefined ? [] : nextLines(next, page)),
  ];
}

function findingLines({ findings }: EvidenceVerification, { paint, width }: Page): string[] {
  return findings.flatMap(({ kind, subject, message, expected, found }) => [
    ...wrap(`✗ ${kind} ${subject}`, { width, first: '', hanging: '  ' }).map(paint.bad),
    ...wrap(message, { width, first: '  ' }),
    ...wrap(expected, { width, first: '  expected  ', hanging: '            ' }).map(paint.dim),
    ...wrap(found, { width, first: '  found     ', hanging: '            ' }).map(paint.dim),
    '',
  ]);
}
