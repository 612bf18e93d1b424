import { ERROR_CODES } from '../errors/codes.ts';
import { unreadable } from '../source/file/locate-source.ts';
import { isGlobLocation } from '../source/glob/glob-location.ts';
import { listObjects } from '../source/s3/list-objects.ts';
import { objectFailure } from '../source/s3/object-failure.ts';
import { isObjectLocation, objectUri } from '../source/s3/object-location.ts';
import { type Survey, type SurveyRequest, surveySource } from '../source/survey-source.ts';
import type { Unreachable } from '../source/unreachable.ts';
import type { Engine } from './engine.ts';
import type { DeclaredFile } from './landed-source.ts';

export function surveyOf(engine: Pick<Engine, 'root' | 'limits'>, file: DeclaredFile): SurveyRequest {
  return {
    root: engine.root,
    declared: file.declaredPath,
    declaresBytes: file.sizeBytes !== null || file.checksumSha256 !== null,
    filesMax: engine.limits.folderFilesMax,
    ...(file.format !== undefined && { format: file.format }),
  };
}

/** What a source is once it is known of which parts it is. */
export type Surveyed = Exclude<Survey, { kind: 'objects' }>;

/** Looks at a source without reading it: what objects of S3 there are their listing says. */
export async function surveyDeclared(
  engine: Pick<Engine, 'root' | 'limits' | 'buckets' | 'signal'>,
  file: DeclaredFile,
): Promise<Surveyed> {
  const survey = await surveySource(surveyOf(engine, file));
  if (survey.kind !== 'objects') return survey;
  const { objects: location } = survey;
  const { limits, signal } = engine;
  const bucket = await engine.buckets.of(location);
  if (bucket.kind === 'unreachable') return bucket;
  const deadline = AbortSignal.timeout(limits.httpTotalMs);
  try {
    const listing = await listObjects(bucket.s3, {
      location,
      declared: file.declaredPath,
      format: file.format ?? 'jsonl',
      limits,
      signal: AbortSignal.any([signal, deadline]),
    });
    return listing.kind === 'unreachable' ? listing : { ...listing, kind: 'many' };
  } catch (error) {
    signal.throwIfAborted();
    const place = objectUri({ bucket: location.bucket, key: location.base });
    if (deadline.aborted) return listedTooLong(place, limits.httpTotalMs);
    return objectFailure(error, { place, connection: bucket.connection });
  }
}

function listedTooLong(place: string, totalMs: number): Unreachable {
  return {
    kind: 'unreachable',
    cause: 'unreadable',
    code: ERROR_CODES.http_limit,
    message: `${place} was not listed whole within ${totalMs / 1000} s.`,
    next: 'Declare a narrower prefix or pattern, or raise limits.httpTotalMs in tidemark.yaml; then run again.',
  };
}

/** A folder or a pattern where one file is wanted; a source of many comes here only without a part. */
export function folderInPlaceOfFile(
  { role, declaredPath, format = 'jsonl' }: Pick<DeclaredFile, 'role' | 'declaredPath' | 'format'>,
  { splits }: { splits: readonly unknown[] },
): Unreachable {
  const isObjects = isObjectLocation(declaredPath);
  if (role !== 'asset' || splits.length > 0) {
    const what = isGlobLocation(declaredPath) ? 'pattern' : isObjects ? 'prefix' : 'folder';
    return unreadable(declaredPath, `it is a ${what}, and only records may come as many files`);
  }
  return {
    kind: 'unreachable',
    cause: 'missing',
    code: ERROR_CODES.folder_empty,
    message: isGlobLocation(declaredPath)
      ? `No file is meant by ${declaredPath}, and none ever was.`
      : `The ${isObjects ? 'prefix' : 'folder'} ${declaredPath} holds no *.${format} file, and never did.`,
    next: 'Put the first file in place or mend the declared path, then run the same command again.',
  };
}
