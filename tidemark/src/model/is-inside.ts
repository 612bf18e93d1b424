import { isAbsolute, relative, sep } from 'node:path';

/** Whether a path is a folder, or leads to something in it; by its words alone, so links have to be followed before. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
