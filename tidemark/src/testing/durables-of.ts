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

/** Keys below a prefix whose bytes hold a text, in order. */
export async function keysHolding(homeDir: string, prefix: string, text: string): Promise<string[]> {
  await using durables = await durablesOf(homeDir);
  const held: string[] = [];
  for (const key of await keysOf(durables, prefix))
    if (Buffer.from((await durables.get(key)) ?? []).includes(text)) held.push(key);
  return held;
}

/** Loses what is below a prefix, all of it or what holds a text. */
export async function removeBelow(homeDir: string, prefix: string, text = ''): Promise<void> {
  await using durables = await durablesOf(homeDir);
  for (const key of await keysHolding(homeDir, prefix, text)) await durables.remove(key);
}

/** Puts other bytes in the place of those that are there. Gives what was there. */
export async function alter(
  homeDir: string,
  key: string,
  change: (bytes: Buffer) => Uint8Array,
): Promise<Buffer> {
  await using durables = await durablesOf(homeDir);
  const bytes = Buffer.from((await durables.get(key)) ?? []);
  await durables.put(key, change(Buffer.from(bytes)));
  return bytes;
}
