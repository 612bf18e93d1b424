import type { Declaration } from '../../run/load-declarations.ts';
import { describeWindow } from '../../run/plan-ingest.ts';
import { commandLine, selectionWords, typedCommands } from '../command-line.ts';
import { EXIT } from '../exit-codes.ts';
import type { SelectionOptions } from '../global-options.ts';
import type { Outcome } from '../outcome.ts';
import { countJudgements } from '../plan-report.ts';
import { type CheckedManifest, checkLines, checkTotals } from '../render/check.ts';
import { plainValues } from '../render/plain-values.ts';
import { typedRefusals } from '../render/typed-refusals.ts';
import { selectionOf } from '../selection.ts';
import { openProject, type Session } from '../session.ts';

/** Reads and judges declarations; opens no source. Exits as the seed loader does. */
export async function checkCommand(session: Session, options: SelectionOptions): Promise<Outcome> {
  await using tidemark = await openProject(session, { readOnly: true });
  const selection = selectionOf(options);
  const declarations = await tidemark.check(selection);
  const refused = typedRefusals(declarations.refused);
  const manifests = declarations.usable.map(checkedManifest);
  const assets = manifests.flatMap((manifest) => manifest.assets);
  const counts = countJudgements(assets);
  const wrong = refused.length > 0 || counts.rejected > 0;
  const unavailable = assets.some(({ reasons }) => reasons.some(({ rule }) => rule === 'contract_mismatch'));
  const words = selectionWords(selection);
  const again = commandLine('check', ...words);
  const mend = unavailable
    ? `\`${commandLine('contract', 'test')}\` says what is wrong with the contract; then \`${again}\``
    : `Mend what is named above, then \`${again}\``;
  const next = typedCommands(wrong ? mend : commandLine('plan', ...words), session.page.projectWords);
  const shown = plainValues({ manifests, refused, counts, next });
  return {
    exit: wrong ? EXIT.refused : EXIT.done,
    document: {
      counts: { manifests: manifests.length, refused_manifests: refused.length, ...counts },
      manifests,
      refused,
      next,
    },
    lines: (page) => checkLines(shown, page),
    quietLines: (page) => (wrong ? checkTotals(shown, page) : []),
  };
}

function checkedManifest({ declared: { manifest, path }, batchId, assets }: Declaration): CheckedManifest {
  return {
    manifestId: manifest.manifest_id,
    path,
    batchId,
    loadMode: manifest.load_mode,
    window: describeWindow(manifest),
    modality: manifest.modality,
    sourceType: manifest.source_type,
    assets: assets.map(({ admission }) => ({
      sourceId: admission.asset.source_id,
      assetType: admission.asset.asset_type,
      contractRef: admission.contractRef,
      judgement: admission.judgement,
      reasons: admission.reasons,
    })),
  };
}
