import { makeCallMetadata } from './call-metadata.ts';
import { makeCalls } from './calls.ts';
import { expectedOutcomes, makeExpected } from './expected.ts';
import type { GeneratedFile } from './generated-file.ts';
import { makeHelpCenter } from './help-center.ts';
import { makeDiagram, PORTS_DIAGRAM } from './images.ts';
import { makeLaunch } from './launch.ts';
import { makeManifests } from './manifests.ts';
import { makeManuals } from './manuals.ts';
import { writePlannedFile } from './planned-lines.ts';
import { planPracticeTickets } from './practice-tickets.ts';
import { outcomeTable } from './readme-table.ts';
import { planTicketSnapshot } from './tickets.ts';
import { makeVideo, VIDEOS } from './videos.ts';

/** Folders that hold generated files alone: what else lies there is left over. */
export const GENERATED_FOLDERS = ['data/seeds', 'data/seed_manifests'] as const;

/** The whole sample world, in memory: the same bytes every time. `table` is the generated part of data/README.md. */
export async function makeSampleWorld(): Promise<{ files: GeneratedFile[]; table: string }> {
  const snapshot = planTicketSnapshot();
  const tickets = { snapshot, practice: planPracticeTickets(snapshot) };
  const expected = expectedOutcomes(tickets);
  const sources: GeneratedFile[] = [
    ...[...tickets.snapshot, ...tickets.practice].map(writePlannedFile),
    ...makeHelpCenter(),
    ...(await makeManuals()),
    ...makeDiagram(PORTS_DIAGRAM),
    ...makeCalls(),
    makeCallMetadata(),
    ...(await makeLaunch()),
  ];
  for (const video of VIDEOS) sources.push(...(await makeVideo(video)));
  const files = [...sources, makeExpected(expected), ...makeManifests(sources, tickets)];
  return { files, table: outcomeTable(expected) };
}
