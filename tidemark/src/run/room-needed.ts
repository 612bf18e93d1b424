import { knownObjectOfSize } from '../catalog/objects.ts';
import type { Room } from '../landing/free-space.ts';
import { decodedBytesAtLeast } from '../refine/formats/decoded-size.ts';
import { locateSource } from '../source/file/locate-source.ts';
import { isReadFromSource } from './land-ahead.ts';
import type { RunContext } from './run-context.ts';

/**
 * What the copies of a run's sources will take, from their sizes, and the largest of those that are decoded, which are in
 * scratch one at a time. A file that may be stored already is not counted, nor are data files: they are smaller than what
 * they are made of, and are written when the copies are in place.
 */
export async function roomNeeded(run: RunContext): Promise<Room> {
  const { engine } = run;
  let files = 0;
  let bytes = 0;
  let decodedBytes = 0;
  for (const asset of run.parts.filter((one) => isReadFromSource(run, one))) {
    for (const { declaredPath, checksumSha256, role } of [asset.file, ...asset.sidecars]) {
      const location = await locateSource({ root: engine.root, declared: declaredPath });
      if (location.kind !== 'file') continue;
      const { sizeBytes } = location.stat;
      if (await knownObjectOfSize(engine.catalog, { sizeBytes, sha256: checksumSha256 })) continue;
      files += 1;
      bytes += sizeBytes;
      if (asset.form !== 'records' || role !== 'asset') continue;
      const { path } = location;
      const sized = { path, declared: asset.format, limits: engine.limits };
      decodedBytes = Math.max(decodedBytes, await decodedBytesAtLeast(sized));
    }
  }
  const [landing, decoding] =
    files === 1
      ? ['Landing one file', 'decoding it']
      : [`Landing ${files} files`, 'decoding the largest of them'];
  return {
    what: decodedBytes === 0 ? landing : `${landing} and ${decoding}`,
    bytes: bytes + decodedBytes,
    reserveBytes: engine.limits.freeBytesMin,
  };
}
