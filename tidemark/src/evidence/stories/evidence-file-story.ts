import { join } from 'node:path';
import { mountedUri } from '../../landing/store/mount.ts';
import { sizeOf } from '../../landing/store/stored-files.ts';
import type { Archive } from '../archive.ts';
import { entriesOfRun } from '../chain.ts';
import { nextCommand } from '../next-command.ts';
import { sealedFiles } from '../sealed-files.ts';
import { sumOfFile } from '../write-evidence.ts';
import { facts, related, type Story } from './story.ts';

/** A file of a run's evidence folder: whether it is what was sealed. */
export async function evidenceFileStory(
  { catalog, home }: Archive,
  { runId, name }: { runId: string; name: string },
): Promise<Story | null> {
  const entries = await entriesOfRun(catalog, runId);
  const path = join(home.evidenceDir, runId, name);
  const there = (await sizeOf(path)) !== null;
  const sealed = sealedFiles(entries).get(name) ?? null;
  if (!there && sealed === null) return null;
  const sum = there ? await sumOfFile(path) : null;
  const verdict =
    sealed === null ? 'not sealed' : sum === null ? 'missing' : sum === sealed ? 'as sealed' : 'ALTERED';
  return {
    kind: 'evidence_file',
    title: `evidence ${name} of run ${runId}: ${verdict}`,
    facts: facts({ path: mountedUri(path) ?? path, 'SHA-256 as sealed': sealed, 'SHA-256 now': sum }),
    related: related({ run: runId, sealed: entries.at(-1)?.hash }),
    next: verdict === 'as sealed' ? null : nextCommand('evidence', 'verify'),
  };
}
