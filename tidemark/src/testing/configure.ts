import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { SampleProject } from './sample-project.ts';

/** Puts settings into a project's `tidemark.yaml`, beside where its catalog is. */
export async function configure(project: SampleProject, settings: object): Promise<void> {
  const text = await readFile(join(project.root, 'tidemark.yaml'), 'utf8').catch(() => '');
  await project.write('tidemark.yaml', JSON.stringify({ ...(parse(text) as object | null), ...settings }));
}
