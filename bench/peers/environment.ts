import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measure } from '../measure.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');

/** A Python of its own with the peers in it, or why there is none. */
export type PeerPython =
  | { readonly kind: 'ready'; readonly python: string }
  | { readonly kind: 'missing'; readonly reason: string };

/**
 * Made once for a list of requirements and kept beside the generated data. Where Python or the packages are not to be had
 * the benchmark goes on without them, and its page says why.
 */
export async function peerPython(dataDir: string): Promise<PeerPython> {
  const wanted = await readFile(REQUIREMENTS);
  const id = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const folder = join(dataDir, `peers-${id}`);
  const python = join(folder, 'bin/python');
  if (existsSync(join(folder, 'complete'))) return { kind: 'ready', python };
  await rm(folder, { recursive: true, force: true });
  await mkdir(dataDir, { recursive: true });
  try {
    await measure(['python3', '-m', 'venv', folder]);
    const install = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--requirement',
      REQUIREMENTS,
    ];
    await measure([python, ...install]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    return { kind: 'missing', reason: firstLine(error) };
  }
  await writeFile(join(folder, 'complete.new'), '');
  await rename(join(folder, 'complete.new'), join(folder, 'complete'));
  return { kind: 'ready', python };
}

/** Of what was said last, which is where pip and the shell say what is the matter. Paths stay out of it. */
function firstLine(error: unknown): string {
  const lines = String((error as Error).message)
    .trim()
    .split('\n');
  return (lines.at(-1) ?? '').replaceAll(/(?:\/[^\s/:]+){2,}/g, '…').slice(0, 200);
}
