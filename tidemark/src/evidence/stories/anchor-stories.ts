import type { Archive } from '../archive.ts';
import { batchStories } from './batch-story.ts';
import { contentStory } from './content-story.ts';
import { contractStories } from './contract-story.ts';
import { evidenceEntryStories } from './evidence-entry-story.ts';
import {
  type AnchorKind,
  type AnchorMatch,
  findBatchFingerprint,
  findByPrefix,
  findExactly,
} from './find-anchors.ts';
import { incidentStories } from './incident-story.ts';
import { manifestStory } from './manifest-story.ts';
import { runStory } from './run-story.ts';
import { snapshotStories } from './snapshot-story.ts';
import { sourceStories } from './source-story.ts';
import { STORIES_MAX, type Story } from './story.ts';
import { tableStory } from './table-story.ts';
import { traceStory } from './trace-story.ts';
import { unitStories } from './unit-story.ts';

export interface AnchorAnswer {
  readonly stories: readonly Story[];
  /** Whether something bears exactly this name, so that nothing else can be meant. */
  readonly exact: boolean;
}

/** Everything of the catalog that bears this name, else that has a name which begins like this. */
export async function anchorStories(archive: Archive, text: string): Promise<AnchorAnswer> {
  const { catalog } = archive;
  // Hashes are written in lower case here; others write them in upper case.
  const name = /^[0-9A-F]{32,64}$/.test(text) ? text.toLowerCase() : text;
  const named = await findExactly(catalog, name);
  const exact = named.length > 0 ? named : await findBatchFingerprint(catalog, name);
  if (exact.length > 0) return { stories: await tell(archive, exact), exact: true };
  const table = await tableStory(catalog, text);
  if (table !== null) return { stories: [table], exact: true };
  return { stories: await tell(archive, await findByPrefix(catalog, name)), exact: false };
}

async function tell(archive: Archive, matches: readonly AnchorMatch[]): Promise<Story[]> {
  if (matches.length > STORIES_MAX) return [candidates(matches)];
  const stories: Story[] = [];
  for (const { kind, id } of matches) stories.push(...(await TELLERS[kind](archive, id)));
  return stories;
}

function candidates(matches: readonly AnchorMatch[]): Story {
  return {
    kind: 'candidates',
    title: `${matches.length} things have a name that begins like this`,
    facts: [],
    related: matches.map(({ kind, id }) => ({ label: kind.replaceAll('_', ' '), value: id, query: id })),
    next: null,
  };
}

const TELLERS: Record<AnchorKind, (archive: Archive, id: string) => Promise<readonly Story[]>> = {
  manifest: async ({ catalog }, id) => [await manifestStory(catalog, id)],
  manifest_content: async ({ catalog }, id) => {
    const row = await catalog
      .selectFrom('manifests')
      .select('manifest_id')
      .where('content_hash', '=', id)
      .executeTakeFirst();
    return row === undefined ? [] : [await manifestStory(catalog, row.manifest_id)];
  },
  batch: async ({ catalog }, id) => await batchStories(catalog, id),
  run: async ({ catalog }, id) => {
    const story = await runStory(catalog, id);
    return story === null ? [] : [story];
  },
  trace: async ({ catalog }, id) => [await traceStory(catalog, id)],
  source: async ({ catalog }, id) => await sourceStories(catalog, id),
  content: async (archive, id) => [await contentStory(archive, id)],
  unit: async ({ catalog }, id) => await unitStories(catalog, id),
  snapshot: async ({ catalog }, id) => await snapshotStories(catalog, id),
  contract: async ({ catalog }, id) => await contractStories(catalog, id),
  evidence_entry: async ({ catalog }, id) => await evidenceEntryStories(catalog, id),
  incident: async ({ catalog }, id) => await incidentStories(catalog, id),
};
