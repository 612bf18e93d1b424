import { mountedUri } from '../landing/store/mount.ts';
import { shellWord } from './next-command.ts';

/** What removes a file or a folder, whichever it is, where it is durable. */
export function removeWhole(path: string): string {
  const uri = mountedUri(path);
  if (uri === null) return `rm -r ${shellWord(path)}`;
  return `aws s3 rm ${shellWord(uri)} && aws s3 rm --recursive ${shellWord(`${uri}/`)}`;
}
