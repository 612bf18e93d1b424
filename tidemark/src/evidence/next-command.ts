import { mountedUri } from '../landing/store/mount.ts';
/** A command to type next; words that a shell would take apart are quoted. */
export function nextCommand(...words: readonly string[]): string {
  return ['tidemark', ...words.map(shellWord)].join(' ');
}

export function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What removes a file or a folder, whichever it is, where it is durable. */
export function removeWhole(path: string): string {
  const uri = mountedUri(path);
  if (uri === null) return `rm -r ${shellWord(path)}`;
  return `aws s3 rm ${shellWord(uri)} && aws s3 rm --recursive ${shellWord(`${uri}/`)}`;
}
