import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { plainValues } from '../render/plain-values.ts';
import { historyLines, stateLines } from '../render/state.ts';
import { openProject, type Session } from '../session.ts';

export interface StateOptions {
  readonly target?: string;
  readonly limit?: number;
}

/** Where each source stands. */
export async function stateShowCommand(session: Session, options: StateOptions): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  const sources = await tidemark.state(options);
  const shown = plainValues(sources);
  const { target = null } = options;
  return {
    exit: EXIT.done,
    document: { sources },
    lines: (page) => stateLines(shown, { page, target: plainValues(target) }),
  };
}

/** Moves told where nobody says how many. */
const MOVES_SHOWN = 50;

/** Every move, newest first. */
export async function stateHistoryCommand(
  session: Session,
  { limit = MOVES_SHOWN, ...query }: StateOptions,
): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  // One more is asked for, to know whether there are more.
  const found = await tidemark.stateHistory({ ...query, limit: limit + 1 });
  const moves = found.slice(0, limit);
  const more = found.length > limit;
  const shown = plainValues(moves);
  return {
    exit: EXIT.done,
    document: { moves, more },
    lines: (page) =>
      historyLines(shown, { page, more: more ? limit * 2 : null, target: plainValues(query.target) }),
  };
}

/** All progress as one JSON document; it is printed as it is read. */
export async function stateExportCommand(session: Session): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  for await (const piece of tidemark.exportState()) {
    if (session.output.closed) break;
    session.output.text(piece);
  }
  return { exit: EXIT.done, document: null, lines: () => [] };
}
