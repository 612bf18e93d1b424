import { lstat } from 'node:fs/promises';

/** Whether a name stands for a link, wherever it leads; false where nothing has that name. */
export async function isLink(path: string): Promise<boolean> {
  return await lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}
