import { dirname } from 'node:path';
import { readConfig } from '../config/read-config.ts';
import { localStore } from '../landing/store/local-store.ts';
import type { ObjectStore } from '../landing/store/object-store.ts';
import { s3Store } from '../landing/store/s3-store.ts';

/** What is durable of the home in a project's folder, to be looked at and harmed by hand: files, or objects of its store. */
export async function durablesOf(homeDir: string): Promise<ObjectStore & AsyncDisposable> {
  const { store } = await readConfig({ from: dirname(homeDir) });
  const durables = store === null ? localStore(homeDir) : s3Store(store);
  return { ...durables, [Symbol.asyncDispose]: async () => durables.close() };
}

/** Keys below a prefix, in order. */
export async function keysOf(durables: ObjectStore, prefix: string): Promise<string[]> {
  return (await Array.fromAsync(durables.list(prefix))).flatMap((page) => page.map(({ key }) => key)).sort();
}
