import type { RunReport } from '../tidemark/src/evidence/run-report.ts';
import type { PlantedTickets } from './generate-tickets.ts';

/** Everything in which a run's account differs from what was planted; empty when it is exactly that. */
export function differencesFromPlanted(report: RunReport, planted: PlantedTickets): string[] {
  const { recordTally: tally, tables } = report;
  const added = (name: string) => tables.find(({ table }) => table === name)?.addedRecords ?? 0;
  const pairs: readonly (readonly [what: string, found: unknown, expected: unknown])[] = [
    ['state of the run', report.state, 'committed'],
    ['reconciliation', report.reconciliation?.verdict, 'pass'],
    ['records read', tally.read, planted.records],
    ['accepted', tally.accepted, planted.accepted],
    ['duplicate', tally.duplicate, planted.duplicate],
    ['rejected', tally.rejected, planted.invalid],
    ['rows of bronze.ticket', added('ticket'), planted.accepted],
    ['rows of bronze.rejects', added('rejects'), planted.invalid],
    ['rows of bronze.skips', added('skips'), planted.duplicate],
  ];
  return pairs.flatMap(([what, found, expected]) =>
    found === expected ? [] : [`${what}: expected ${expected}, found ${found}`],
  );
}
