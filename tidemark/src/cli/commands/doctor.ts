import { examine } from '../../doctor/examine.ts';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { examinationLines } from '../render/examination.ts';
import { plainValues } from '../render/plain-values.ts';
import type { Session } from '../session.ts';

/** Everything that a run needs, looked at; nothing is changed. */
export async function doctorCommand({ options }: Session): Promise<Outcome> {
  const { project, home } = options;
  const report = await examine({
    ...(project !== undefined && { project }),
    ...(home !== undefined && { home }),
  });
  const shown = plainValues(report);
  return {
    exit: report.verdict === 'bad' ? EXIT.configuration : EXIT.done,
    document: report,
    lines: (page) => examinationLines(shown, page),
    quietLines: (page) =>
      examinationLines(
        { ...shown, examined: shown.examined.filter(({ verdict }) => verdict !== 'good') },
        page,
      ),
  };
}
