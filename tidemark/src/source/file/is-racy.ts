/**
 * A file system may give two changes of a file the same time: within its granularity (2 s at the coarsest), or because its
 * clock and ours differ a little.
 */
const RACY_MS = 3000;

/**
 * Whether a file that was read at `readAt` (its reading began) could have been changed since without its time of
 * modification telling. It is so for every file that was modified shortly before; reading it once more later settles it.
 */
export function isRacy({ mtimeNs, readAt }: { mtimeNs: string; readAt: string }): boolean {
  const modifiedMs = Number(BigInt(mtimeNs) / 1_000_000n);
  return !(modifiedMs + RACY_MS < Date.parse(readAt));
}
