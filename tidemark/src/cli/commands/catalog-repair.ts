import { EXIT } from '../exit-codes.ts';
import type { Outcome } from '../outcome.ts';
import { nextLines } from '../render/next-line.ts';
import { plainValues } from '../render/plain-values.ts';
import { counted } from '../render/quantities.ts';
import { wrap } from '../render/wrap.ts';
import { openProject, type Session } from '../session.ts';

/** Puts the catalog back to what is sealed. */
export async function catalogRepairCommand(session: Session): Promise<Outcome> {
  {
    // A folder that is no project stays as it is.
    await using reader = await openProject(session, { readOnly: true });
    await reader.status();
  }
  await using tidemark = await openProject(session, {});
  const repair = await tidemark.repairCatalog();
  const { restored, left } = plainValues(repair);
  const next = left[0]?.next ?? 'tidemark verify';
  return {
    exit: left.length === 0 ? EXIT.done : EXIT.unproven,
    document: { ...repair, next },
    lines: (page) => [
      ...restored.flatMap((what) => wrap(`✓ put back: ${what}`, { width: page.width, hanging: '  ' })),
      ...left
        .flatMap(({ what }) => wrap(`✗ ${what}`, { width: page.width, hanging: '  ' }))
        .map(page.paint.bad),
      restored.length + left.length === 0
        ? page.paint.good('✓ the catalog says what is sealed')
        : `${counted(restored.length, 'thing was', 'things were')} put back, ${left.length} left`,
      ...nextLines(next, page),
    ],
  };
}
