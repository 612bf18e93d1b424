import { resolve } from 'node:path';
import { mountedUri } from '../../landing/store/mount.ts';
import type { Selection } from '../../run/load-declarations.ts';
import { commandLine, selectionWords, typedCommands } from '../command-line.ts';
import { concludeRun } from '../conclude-run.ts';
import { EXIT } from '../exit-codes.ts';
import type { SelectionOptions } from '../global-options.ts';
import { listenForInterrupts } from '../interrupts.ts';
import type { Outcome } from '../outcome.ts';
import { Progress } from '../progress.ts';
import { introLines } from '../render/intro.ts';
import { conclusionLines, invocationLines, troubleLines } from '../render/invocation.ts';
import { plainValues } from '../render/plain-values.ts';
import { humanDuration } from '../render/quantities.ts';
import { runReportLines } from '../render/run-report.ts';
import { typedRefusals } from '../render/typed-refusals.ts';
import { selectionOf } from '../selection.ts';
import { openProject, type Session } from '../session.ts';
import { typedPath } from '../typed-path.ts';
import { reportPath, writeReport } from '../write-report.ts';
import { writeSmokeReport } from '../write-smoke-report.ts';

export interface RunOptions extends SelectionOptions {
  readonly reportJson?: string;
  readonly smokeReport?: string;
  readonly failOn?: 'rejects';
  readonly trustMtime?: boolean;
}

/** Runs every selected manifest; each is told when it has ended, all together at the end. */
export async function runCommand(session: Session, options: RunOptions): Promise<Outcome> {
  const begunAt = performance.now();
  const reportPlace = options.reportJson === undefined ? null : await reportPath(options.reportJson);
  const smokePlace = options.smokeReport === undefined ? null : await reportPath(options.smokeReport);
  const selection = selectionOf(options);
  const again = commandLine('run', ...selectionWords(selection));
  const declared = await declarationsOf(session, selection);
  const progress = new Progress({ stream: session.output.stderr, assets: declared.sources });
  using interrupts = listenForInterrupts({
    onFirst: () => {
      progress.pause();
      session.output.notice(['stopping: what is landed and prepared is kept (Ctrl-C again ends at once)']);
    },
    onSecond: () => {
      progress.pause();
      process.exit(EXIT.interrupted);
    },
  });
  tell(session, introLines(declared, session.page));
  await using tidemark = await openProject(session, {
    signal: interrupts.signal,
    onEvent: (event) => {
      if (!session.options.quiet) progress.take(event);
      if (event.kind === 'run_ended') tell(session, runReportLines(plainValues(event.report), session.page));
    },
  });
  const invocation = await tidemark
    .run({ ...selection, trustMtime: options.trustMtime ?? false })
    .finally(() => progress.pause());

  const begun = invocation.runs.length + invocation.unopened.length;
  const notBegun = interrupts.signal.aborted ? declared.manifests - begun : 0;
  const conclusion = concludeRun(invocation, {
    failOnRejects: options.failOn === 'rejects',
    notBegun,
    again,
  });
  const { home } = declared;
  const next = conclusion.next === null ? null : typedCommands(conclusion.next, session.page.projectWords);
  const document = { reason: conclusion.reason, also: conclusion.also, next, home, ...invocation };
  if (reportPlace !== null) await writeReport(reportPlace, document);
  // What an invocation that was stopped, or that waits, came to is no result: the report of the last whole one stays.
  const whole = conclusion.exit === EXIT.done || conclusion.exit === EXIT.refused;
  const smokeReport =
    smokePlace === null || !whole
      ? null
      : {
          path: typedPath(smokePlace),
          changed: await writeSmokeReport({ tidemark, invocation, path: smokePlace }),
        };
  const took = humanDuration(performance.now() - begunAt);
  const typed = { ...invocation, refused: typedRefusals(invocation.refused) };
  const shown = plainValues({ facts: { invocation: typed, home, took, again, smokeReport }, conclusion });
  return {
    exit: conclusion.exit,
    document,
    lines: (page) => [...invocationLines(shown.facts, page), ...conclusionLines(shown.conclusion, page)],
    quietLines: (page) =>
      conclusion.exit === EXIT.done
        ? []
        : troubleLines({ ...shown.facts, conclusion: shown.conclusion }, page),
  };
}

/** Before anything is made: a project that is none must not be left with a catalog. */
async function declarationsOf(session: Session, selection: Selection) {
  await using tidemark = await openProject(session, { readOnly: true });
  const { usable } = await tidemark.check(selection);
  return {
    manifests: usable.length,
    sources: usable.reduce((sum, { assets }) => sum + assets.length, 0),
    home:
      mountedUri(tidemark.home.storeDir) ??
      typedPath(resolve(session.options.home ?? tidemark.config.homeDir)),
  };
}

/** Text that comes before the end; `--json` and `--quiet` have none. */
function tell({ output, options }: Session, lines: readonly string[]): void {
  if (!options.json && !options.quiet) output.lines(lines);
}
