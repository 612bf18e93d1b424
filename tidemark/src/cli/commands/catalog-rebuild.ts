import type { CatalogRebuild } from '../../safekeeping/rebuild-catalog.ts';
import { commandLine } from '../command-line.ts';
import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { catalogRebuildLines } from '../render/catalog-rebuild.ts';
import { plainValues } from '../render/plain-values.ts';
import { openKeeping, type Session } from '../session.ts';

/** `catalog rebuild`: what ledger and tables come to, or that made the catalog. */
export async function catalogRebuildCommand(
  session: Session,
  options: { execute?: boolean; into?: string },
): Promise<Outcome> {
  const keeping = await openKeeping(session);
  return outcome(await keeping.rebuild(options), commandLine('catalog', 'rebuild', '--execute'));
}

/** `catalog restore`: what a backup and what was sealed since come to, or that made the catalog. */
export async function catalogRestoreCommand(
  session: Session,
  { from, execute = false }: { from: string; execute?: boolean },
): Promise<Outcome> {
  const keeping = await openKeeping(session);
  const again = commandLine('catalog', 'restore', from, '--execute');
  return outcome(await keeping.restore({ from, execute }), again);
}

function outcome(rebuild: CatalogRebuild, execute: string): Outcome {
  const next = rebuild.path === null ? execute : 'tidemark verify';
  const shown = plainValues(rebuild);
  return {
    exit: rebuild.disagreements.length === 0 ? EXIT.done : EXIT.unproven,
    document: { ...rebuild, next },
    lines: (page) => catalogRebuildLines(shown, { page, next }),
  };
}
