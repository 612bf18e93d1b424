import { storedDelivery } from '../catalog/objects.ts';
import type { ObjectLocation } from '../source/s3/object-location.ts';
import { isSame, objectIdentity } from '../source/s3/object-version.ts';
import type { Engine } from './engine.ts';
import type { DeclaredFile } from './landed-source.ts';

/** The sum of an object that its listing shows to be as it was received last; null for one that reading would have to tell. */
export async function knownObject(
  engine: Pick<Engine, 'catalog' | 'buckets'>,
  { object, file }: { object: Extract<ObjectLocation, { kind: 'object' }>; file: DeclaredFile },
): Promise<string | null> {
  if (file.listed === undefined) return null;
  const delivery = await storedDelivery(engine.catalog, file);
  if (delivery === null || !isSame(file.listed, delivery.validators)) return null;
  const bucket = await engine.buckets.of(object);
  if (bucket.kind === 'unreachable') return null;
  const isThere = delivery.validators.answeredBy === objectIdentity(bucket.at, object.key);
  return isThere ? delivery.object.sha256 : null;
}
