import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { plainValues } from '../render/plain-values.ts';
import { refusedManifests } from '../render/refused-manifests.ts';
import { typedRefusals } from '../render/typed-refusals.ts';
import { openProject, type Session } from '../session.ts';

/** Prints a manifest in its second form; the file stays as it is. */
export async function manifestUpgradeCommand(session: Session, { file }: { file: string }): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  const upgrade = await tidemark.upgradeManifest(file);
  if (upgrade.kind === 'refused') {
    const refused = typedRefusals([upgrade]);
    const shown = plainValues(refused);
    return {
      exit: EXIT.refused,
      document: { refused },
      lines: (page) => refusedManifests(shown, page),
      quietLines: (page) => refusedManifests(shown, page),
    };
  }
  const lines = () => upgrade.yaml.replace(/\n$/, '').split('\n');
  // A file, not a report: the same with --quiet.
  return { exit: EXIT.done, document: { yaml: upgrade.yaml }, lines, quietLines: lines };
}
