import { isThere, openCatalog } from '../catalog/open-catalog.ts';
import type { ProjectConfig } from '../config/read-config.ts';
import type { ContractShelf } from '../contract/load-contracts.ts';
import { runsInProgress } from '../evidence/run-leases.ts';
import { type CatalogLocation, locationText } from '../model/catalog-location.ts';
import type { Declarations } from '../run/load-declarations.ts';
import { surveySource } from '../source/survey-source.ts';
import { bad, doubtful, type Finding, good } from './finding.ts';

/** So many are named; all are counted. */
const NAMED_MAX = 3;

export async function examineCatalog(location: CatalogLocation): Promise<Finding> {
  if (!(await isThere(location))) return good(`${locationText(location)} will be made by the first run`);
  const catalog = await openCatalog(location, { readOnly: true });
  try {
    const { runs } = await catalog
      .selectFrom('runs')
      .select((of) => of.fn.countAll<number>().as('runs'))
      .executeTakeFirstOrThrow();
    const inProgress = await runsInProgress(catalog);
    return good(`${locationText(location)} answers, ${runs} runs, ${inProgress.length} in progress`);
  } finally {
    await catalog.destroy();
  }
}

export function examineContracts(shelf: ContractShelf): Finding {
  const all = shelf.all();
  const unusable = all.flatMap((one) => (one.kind === 'unavailable' ? [one.reason] : []));
  if (shelf.fault !== null) return bad(shelf.fault, 'Name the folder with `contracts:` in tidemark.yaml.');
  if (unusable.length > 0)
    return bad(
      `${unusable.length} of ${all.length} cannot be used: ${some(unusable)}`,
      'tidemark contract test',
    );
  return good(`${all.length} can be used`);
}

export function examineManifests({ usable, refused }: Declarations): Finding {
  const total = usable.length + refused.length;
  if (refused.length > 0)
    return bad(
      `${refused.length} of ${total} are refused: ${some(refused.map(({ path }) => path))}`,
      'tidemark check',
    );
  return good(`${total} can be run`);
}

/** Whether every declared source is there; none is opened. */
export async function examineSources(config: ProjectConfig, { usable }: Declarations): Promise<Finding> {
  const away: string[] = [];
  let sources = 0;
  let notAsked = 0;
  for (const { assets } of usable) {
    for (const { file, sidecars } of assets) {
      for (const { declaredPath } of [file, ...sidecars]) {
        sources += 1;
        const survey = await surveySource({
          root: config.root,
          declared: declaredPath,
          declaresBytes: false,
          filesMax: config.limits.folderFilesMax,
        });
        if (survey.kind === 'unreachable') away.push(survey.message);
        if (['url', 'object', 'objects', 'tap', 'api', 'relation', 'module'].includes(survey.kind))
          notAsked += 1;
      }
    }
  }
  if (away.length === 0)
    return good(
      `${sources - notAsked} are there${notAsked === 0 ? '' : `; of servers and programs ${notAsked}, which were not asked`}`,
    );
  return doubtful(
    `${away.length} of ${sources} cannot be had: ${some(away)}`,
    'Put them in place, or mend the declared paths; a run would wait for them. See: tidemark plan',
  );
}

function some(names: readonly string[]): string {
  const more = names.length > NAMED_MAX ? `; and ${names.length - NAMED_MAX} more` : '';
  return `${names.slice(0, NAMED_MAX).join('; ')}${more}`;
}
