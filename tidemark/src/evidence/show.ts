import { InvariantError } from '../errors/tidemark-error.ts';
import type { Archive } from './archive.ts';
import { anchorStories } from './stories/anchor-stories.ts';
import { pathStories } from './stories/path-stories.ts';
import { recordStories } from './stories/record-stories.ts';
import { foreignSnapshotStories } from './stories/snapshot-story.ts';
import type { Story } from './stories/story.ts';

/**
 * Tells the story of whatever bears this name: an anchor (manifest, batch, run, source fingerprint, trace), a source, a
 * unit, a snapshot, a table, a contract, an evidence hash, a record's fingerprint or its own id, a declared path, or a
 * file that Tidemark keeps. Ids and hashes may be cut to a beginning of at least six characters. Empty when nothing
 * answers; several stories when several things do.
 *
 * The catalog is asked first. Data files are opened only when it has nothing of exactly this name and the text could
 * be that of a record.
 */
export async function show(archive: Archive, query: string): Promise<Story[]> {
  const text = query.trim();
  if (text === '') return [];
  const anchors = await anchorStories(archive, text);
  if (anchors.exact) return [...anchors.stories];
  const paths = await pathStories(archive, text);
  if (paths.length > 0) return paths;
  // The beginning of an id can be that of a record's fingerprint too: both are told, rather than the wrong one.
  const maybeFingerprint = /^[0-9a-f]{6,32}$/i.test(text);
  if (anchors.stories.length > 0 && !maybeFingerprint) return [...anchors.stories];
  const byId = anchors.stories.length === 0;
  const records = await recordStories(archive, { text, byId }).catch((error: unknown) => {
    // What the catalog knows is told even while a table is damaged.
    if (anchors.stories.length > 0 && error instanceof InvariantError) return [];
    throw error;
  });
  const found = [...anchors.stories, ...records];
  return found.length > 0 ? found : await foreignSnapshotStories(archive.catalog, text);
}
