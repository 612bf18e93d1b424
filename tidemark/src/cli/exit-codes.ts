import type { Disposition } from '../errors/tidemark-error.ts';

/**
 * What the process tells its caller. The order is that of severity, mildest first: where an invocation has several
 * outcomes, the most severe one is its exit code. A job that is not finished (4, 5) beats one that is finished and
 * refused something (1), since running it again is what comes next.
 */
export const EXITS = [
  ['done', 0, 'the job did what it should (rejections under the threshold included)'],
  ['refused', 1, 'an asset or a manifest was refused; with --fail-on rejects, any record'],
  ['usage', 2, 'wrong command, option or argument'],
  ['unfinished', 4, 'transient failure, or a batch that waits for a failed asset: run again'],
  ['conflict', 5, 'another run is in progress, or a race was lost'],
  ['configuration', 3, 'a person has to change a declaration, an option or the machine'],
  ['unproven', 8, 'a verification failed: reconciliation, evidence, contract test'],
  ['outcomeUnknown', 6, 'it may or may not have happened: look before trying again'],
  ['historyLost', 7, 'the position in the source is gone'],
  ['invariant', 70, 'a fault of Tidemark, or storage changed underneath it'],
  ['interrupted', 130, 'stopped by Ctrl-C or a termination signal: run again to go on'],
] as const satisfies readonly (readonly [string, number, string])[];

export type ExitName = (typeof EXITS)[number][0];
export type ExitCode = (typeof EXITS)[number][1];

/** Exit codes by name. */
export const EXIT = Object.fromEntries(EXITS.map(([name, code]) => [name, code])) as {
  readonly [Entry in (typeof EXITS)[number] as Entry[0]]: Entry[1];
};

const EXIT_OF_DISPOSITION: Record<Disposition, ExitCode> = {
  configuration: EXIT.configuration,
  transient: EXIT.unfinished,
  conflict: EXIT.conflict,
  outcome_unknown: EXIT.outcomeUnknown,
  history_lost: EXIT.historyLost,
  invariant: EXIT.invariant,
};

export function exitOfDisposition(disposition: Disposition): ExitCode {
  return EXIT_OF_DISPOSITION[disposition];
}

/** The most severe of them; 0 where there is none. */
export function worstExit(codes: Iterable<ExitCode>): ExitCode {
  const severity = EXITS.map(([, code]) => code);
  let worst = 0;
  for (const code of codes) worst = Math.max(worst, severity.indexOf(code));
  return severity[worst] ?? EXIT.done;
}

/** What a code means, for `--help` and for the last line. */
export function exitMeaning(code: ExitCode): string {
  return EXITS.find(([, known]) => known === code)?.[2] ?? '';
}

/** The footer of `--help`: every code with its meaning, by number. */
export function exitCodesHelp(): string {
  const lines = [...EXITS]
    .sort(([, a], [, b]) => a - b)
    .map(([, code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`);
  return ['Exit codes:', ...lines].join('\n');
}
