import { knownObjectOfSize } from '../catalog/objects.ts';
import type { Room } from '../landing/free-space.ts';
import { locateSource } from '../source/file/locate-source.ts';
import { isReadFromSource } from './land-ahead.ts';
import type { RunContext } from './run-context.ts';

/**
 * What the copies of a run's sources will take, from their sizes. A file that may be stored already is not counted, nor
 * are data files: they are smaller than what they are made of, and are written when the copies are in place.
 */
export async function roomNeeded(run: RunContext): Promise<Room> {
  const { engine } = run;
  let files = 0;
  let bytes = 0;
  for (const asset of run.parts.filter((one) => isReadFromSource(run, one))) {
    for (const { declaredPath, checksumSha256 } of [asset.file, ...asset.sidecars]) {
      const location = await locateSource({ root: engine.root, declared: declaredPath });
      if (location.kind !== 'file') continue;
      const { sizeBytes } = location.stat;
      if (await knownObjectOfSize(engine.catalog, { sizeBytes, sha256: checksumSha256 })) continue;
      files += 1;
      bytes += sizeBytes;
    }
  }
  return { files, bytes, reserveBytes: engine.limits.freeBytesMin };
}
