import { mountedKey } from '../landing/store/mount.ts';
import { type Finding, good } from './finding.ts';

/** Whether the store answers, takes what is put there, and gives a name once. The probe is removed again. */
export async function examineStore(storeDir: string): Promise<Finding> {
  const at = mountedKey(storeDir);
  if (at === null) return good('durable files are in the home');
  await at.mount.writable();
  return good(`${at.mount.location} answers, and gives a name once`);
}
