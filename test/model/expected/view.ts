import type { ContractName, Line } from '../deliveries.ts';
import { instantOf, manifestIdOf, nameOf, timeOf } from '../names.ts';
import type { View } from '../seen.ts';
import type { Reference } from './reference.ts';

/** What should be seen. */
export function expectedView(model: Reference): View {
  const view: Record<string, string[]> = { ticket: [], rejects: [], skips: [], quarantine: [] };
  const see = (table: string, text: string) => view[table]?.push(text);
  for (const unit of model.units) {
    const place = `${nameOf(unit)}/${unit.source}`;
    if (unit.decision !== null)
      see(
        'quarantine',
        `${place} ${unit.decision.disposition} ${[...unit.decision.reasons].sort().join('+')}`,
      );
    for (const [index, { kind, content, keeper }] of unit.outcomes.entries()) {
      const line = `${place}:${index + 1}`;
      const written = unit.delivery?.lines[index];
      if (kind === 'accepted') see('ticket', `${line} ${content}`);
      if (kind === 'rejected')
        see(
          'rejects',
          `${line} ${written?.kind === 'broken' ? 'malformed_json' : ruleOf(unit.contract, written)}`,
        );
      if (kind === 'out_of_window') see('skips', `${line} ${kind}`);
      if (kind === 'duplicate')
        see('skips', `${line} duplicate of ${keeper?.unit.batch}/${keeper?.unit.source}:${keeper?.line}`);
    }
  }
  const marks = (of: ReadonlyMap<string, number>, tell: (minute: number) => string) =>
    [...of].map(([source, minute]) => `${source} ${tell(minute)}`).sort();
  const incidents = model.incidents
    .all()
    .map(
      ({ state, kind, manifest, batch, source }) =>
        `${state} ${kind} ${manifestIdOf(manifest)} ${batch} ${source}`,
    );
  return {
    ...Object.fromEntries(Object.entries(view).map(([table, rows]) => [table, rows.sort()])),
    cursors: marks(model.progress.cursors, timeOf),
    watermarks: marks(model.progress.watermarks, instantOf),
    incidents: [...incidents, ...model.store.strays.map(() => 'open orphan_object null null null')].sort(),
  };
}

/** What a contract names first of a record that it rejects: its properties are looked at in their order. */
function ruleOf(contract: ContractName, line: Line | undefined): string {
  return contract === 'narrow' && line?.kind === 'record' && line.note > 0 ? 'maximum' : 'enum';
}
