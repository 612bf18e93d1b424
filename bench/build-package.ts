import { execFile } from 'node:child_process';
import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..');

/** The package as it would be published, so that what is measured is what a user installs. */
export interface BuiltPackage {
  /** The command line. */
  readonly bin: string;
  /** The library, module by module. */
  readonly dist: string;
}

export async function buildPackage(folder: string): Promise<BuiltPackage> {
  const member = join(folder, 'tidemark');
  await rm(folder, { recursive: true, force: true });
  await mkdir(member, { recursive: true });
  for (const part of ['bin', 'package.json'])
    await cp(join(ROOT, 'tidemark', part), join(member, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const run = promisify(execFile);
  const dist = join(member, 'dist');
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [compiler, '-p', join(ROOT, 'tidemark/tsconfig.build.json'), '--outDir', dist]);
  await run(process.execPath, [join(ROOT, 'tidemark/scripts/bundle.ts'), join(dist, 'bin')]);
  return { bin: join(member, 'bin/tidemark.js'), dist };
}
