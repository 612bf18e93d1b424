import { helpCenterManifest, manualsManifest } from './document-manifests.ts';
import { type GeneratedFile, jsonFile } from './generated-file.ts';
import { launchManifest } from './launch-manifest.ts';
import { measureFiles } from './manifest-draft.ts';
import { callsManifest, videosManifest } from './media-manifests.ts';
import type { PlannedFile } from './planned-lines.ts';
import { ticketPracticeManifest, ticketSnapshotManifest } from './ticket-manifests.ts';

export const MANIFEST_FOLDER = 'data/seed_manifests';

export interface PlannedTickets {
  readonly snapshot: readonly PlannedFile[];
  readonly practice: readonly PlannedFile[];
}

/** Declares what was generated. A manifest is made last, since it says the size and the checksum of every file. */
export function makeManifests(files: readonly GeneratedFile[], tickets: PlannedTickets): GeneratedFile[] {
  const measure = measureFiles(files);
  const drafts = [
    callsManifest(measure),
    helpCenterManifest(measure),
    launchManifest(measure),
    manualsManifest(measure),
    ticketSnapshotManifest(tickets.snapshot, measure),
    ticketPracticeManifest(tickets.practice, measure),
    videosManifest(measure),
  ];
  return drafts.map(({ name, manifest }) => jsonFile(`${MANIFEST_FOLDER}/${name}`, manifest));
}
