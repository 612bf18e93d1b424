import { posix } from 'node:path';
import { globbedPath, isGlobLocation } from './glob/glob-location.ts';
import { isObjectLocation, objectPath } from './s3/object-location.ts';

/** The path of a part of a source, as if it had been declared by itself. */
export function splitPath(declared: string, name: string): string {
  if (isObjectLocation(declared)) return objectPath(declared, name);
  return isGlobLocation(declared) ? globbedPath(declared, name) : posix.join(declared, name);
}
