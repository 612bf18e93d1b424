import { readdir } from 'node:fs/promises';

export type JsonListing =
  | { readonly kind: 'listed'; readonly names: readonly string[] }
  /** The reason begins with the folder's path. */
  | { readonly kind: 'unlisted'; readonly isMissing: boolean; readonly reason: string };

/** The names that end in `.json` of one folder, not of those within it, in the order of their code units. */
export async function listJsonFiles(dir: string): Promise<JsonListing> {
  try {
    return { kind: 'listed', names: (await readdir(dir)).filter((name) => name.endsWith('.json')).sort() };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isMissing = code === 'ENOENT';
    return {
      kind: 'unlisted',
      isMissing,
      reason: isMissing ? `${dir} does not exist` : `${dir} cannot be read: ${message}`,
    };
  }
}
