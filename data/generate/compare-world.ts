import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type GeneratedFile, textFile } from './generated-file.ts';
import { withTable } from './readme-table.ts';
import { GENERATED_FOLDERS, makeSampleWorld } from './sample-world.ts';

const README = 'data/README.md';
export const REPOSITORY_ROOT = join(import.meta.dirname, '../..');

/** Files that are not what the generator makes; `kind` says how they differ. */
export interface Difference {
  readonly path: string;
  readonly kind: 'missing' | 'different' | 'left over';
}

export async function wantedFiles(): Promise<GeneratedFile[]> {
  const { files, table } = await makeSampleWorld();
  return [
    ...files,
    textFile(README, withTable(await readFile(join(REPOSITORY_ROOT, README), 'utf8'), table)),
  ];
}

export async function compareWithRepository(wanted: readonly GeneratedFile[]): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const { path, bytes } of wanted) {
    const found = await readFile(join(REPOSITORY_ROOT, path)).catch(() => null);
    if (found === null) differences.push({ path, kind: 'missing' });
    else if (!found.equals(bytes)) differences.push({ path, kind: 'different' });
  }
  const known = new Set(wanted.map(({ path }) => path));
  for (const path of await presentFiles()) {
    if (!known.has(path)) differences.push({ path, kind: 'left over' });
  }
  return differences;
}

async function presentFiles(): Promise<string[]> {
  const paths: string[] = [];
  for (const folder of GENERATED_FOLDERS) {
    const entries = await readdir(join(REPOSITORY_ROOT, folder), {
      recursive: true,
      withFileTypes: true,
    }).catch(() => []);
    for (const entry of entries) {
      if (entry.isFile())
        paths.push(relative(REPOSITORY_ROOT, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
    }
  }
  return paths.sort();
}
