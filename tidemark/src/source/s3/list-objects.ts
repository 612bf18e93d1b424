import type { S3 } from '@aws-sdk/client-s3';
import { ERROR_CODES } from '../../errors/codes.ts';
import type { Limits } from '../../model/limits.ts';
import { keyOf, listPages } from '../../s3/list-pages.ts';
import type { FormatName } from '../folder/record-names.ts';
import type { Unreachable } from '../unreachable.ts';
import { listedPrefix, type ObjectsLocation } from './object-location.ts';
import { type ListedObject, standingOf } from './object-part.ts';
import { secondsOf, tagOf } from './object-version.ts';

export interface ObjectListing {
  readonly kind: 'listing';
  /** By name, in the order of their bytes: the order in which they are taken in. */
  readonly splits: readonly ListedPart[];
  /** Keys that are no part of the source, counted. */
  readonly passedOver: number;
  /** Keys that are meant and not asked for: how many, and the first of them. */
  readonly unsafe: { readonly count: number; readonly first: readonly string[] };
}

export interface ListedPart {
  readonly name: string;
  readonly listed: ListedObject;
}

const NAMED_MAX = 3;

/**
 * The parts of a source of many objects, found by listing alone. Memory grows with the parts, which are limited, not with
 * what else the bucket holds; how much of that is gone through is limited too.
 * @throws what the SDK throws
 */
export async function listObjects(
  s3: S3,
  {
    location,
    declared,
    format,
    limits,
    signal,
  }: {
    location: ObjectsLocation;
    declared: string;
    format: FormatName;
    limits: Pick<Limits, 'folderFilesMax' | 'objectsListedMax'>;
    signal: AbortSignal;
  },
): Promise<ObjectListing | Unreachable> {
  const { folderFilesMax, objectsListedMax } = limits;
  const parts = new Map<string, ListedObject>();
  const first: string[] = [];
  let [listed, passedOver, unsafe] = [0, 0, 0];
  const wanted = { bucket: location.bucket, prefix: listedPrefix(location), encoded: true, signal };
  for await (const page of listPages(s3, wanted, async (ask) => await ask())) {
    const { Contents = [] } = page;
    listed += Math.max(1, Contents.length);
    if (listed > objectsListedMax)
      return tooMany(`${declared} has more than ${objectsListedMax} objects behind it`, 'objectsListedMax');
    for (const { Key = '', Size: sizeBytes = 0, ETag, LastModified } of Contents) {
      const key = keyOf(Key, page);
      const standing =
        key === null ? { kind: 'unsafe' as const } : standingOf(location, { key, sizeBytes, format });
      if (standing.kind === 'passed_over') passedOver += 1;
      if (standing.kind === 'unsafe') {
        unsafe += 1;
        if (first.length < NAMED_MAX) first.push(JSON.stringify(key ?? Key));
      }
      if (standing.kind !== 'part') continue;
      parts.set(standing.name, { etag: tagOf(ETag), sizeBytes, modifiedAt: secondsOf(LastModified) });
      if (parts.size > folderFilesMax)
        return tooMany(`${declared} means more than ${folderFilesMax} objects`, 'folderFilesMax');
    }
  }
  const splits = [...parts].map(([name, found]) => ({ name, listed: found }));
  splits.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  return { kind: 'listing', splits, passedOver, unsafe: { count: unsafe, first } };
}

function tooMany(what: string, limit: keyof Limits): Unreachable {
  return {
    kind: 'unreachable',
    cause: 'unreadable',
    code: ERROR_CODES.folder_files_exceeded,
    message: `${what}.`,
    next: `Declare a narrower prefix or pattern, or raise limits.${limit} in tidemark.yaml; then run again.`,
  };
}
