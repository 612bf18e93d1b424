import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareWithRepository, REPOSITORY_ROOT, wantedFiles } from './compare-world.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const wanted = await wantedFiles();
const differences = await compareWithRepository(wanted);
if (values.check) {
  for (const { path, kind } of differences) process.stdout.write(`${kind}: ${path}\n`);
  const ending =
    differences.length === 0
      ? `${wanted.length} generated files are as they should be`
      : 'next: node data/generate/main.ts';
  process.stdout.write(`${ending}\n`);
  process.exitCode = differences.length === 0 ? 0 : 1;
} else {
  const bytesOf = new Map(wanted.map(({ path, bytes }) => [path, bytes]));
  for (const { path } of differences) {
    const bytes = bytesOf.get(path);
    const target = join(REPOSITORY_ROOT, path);
    if (bytes === undefined) {
      await rm(target);
    } else {
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, bytes);
    }
    process.stdout.write(`${bytes === undefined ? 'removed' : 'wrote'} ${path}\n`);
  }
}
