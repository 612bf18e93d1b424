import { opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** Entries that are asked of the system at once. */
const PAGE = 512;

/** Every file below a folder, a page at a time; none where there is no such folder. */
export async function* listFiles(folder: string): AsyncGenerator<{ path: string; name: string }> {
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    let opened: Awaited<ReturnType<typeof opendir>>;
    try {
      opened = await opendir(at, { bufferSize: PAGE });
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) continue;
      throw error;
    }
    for await (const entry of opened) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else yield { path, name: entry.name };
    }
  }
}
