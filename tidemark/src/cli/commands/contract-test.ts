import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { contractTestLines, contractTestVerdict } from '../render/contract-test.ts';
import { plainValues } from '../render/plain-values.ts';
import { openProject, type Session } from '../session.ts';
import { typedPath } from '../typed-path.ts';

/** Every contract is valid, every fixture has the outcome that it claims. */
export async function contractTestCommand(session: Session): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  const found = await tidemark.testContracts();
  const report = {
    ...found,
    fixtures: found.fixtures.map((fixture) => ({ ...fixture, path: typedPath(fixture.path) })),
  };
  const shown = plainValues(report);
  return {
    exit: report.passes ? EXIT.done : EXIT.unproven,
    document: report,
    lines: (page) => contractTestLines(shown, page),
    quietLines: (page) => (report.passes ? [] : contractTestVerdict(shown, page)),
  };
}
