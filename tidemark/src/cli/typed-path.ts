import { isAbsolute, relative } from 'node:path';

/** A path as a person would type it: relative to the working folder where it is below it, else absolute. */
export function typedPath(path: string, from: string = process.cwd()): string {
  const way = relative(from, path);
  if (way === '') return '.';
  return way.startsWith('..') || isAbsolute(way) ? path : way;
}
