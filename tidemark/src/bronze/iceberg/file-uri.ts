/**
 * The URI under which tables name a local file: `file://` and the path as it is. Percent-encoding would be the rule for
 * URLs, yet PyIceberg and Hadoop take what follows the scheme for the path itself, and would look for `a%20b`. They do
 * cut at `#` and `?`, so a path with either has no URI.
 *
 * @param path absolute, with forward slashes.
 */
export function fileUri(path: string): string | null {
  return path.startsWith('/') && !/[#?]/.test(path) ? `file://${path}` : null;
}

/** The path of a URI that `fileUri` or another engine made (`file:///a`, Hadoop's `file:/a`, a bare path); else null. */
export function pathOfFileUri(uri: string): string | null {
  const match = /^(?:file:(?:\/\/)?)?(\/(?!\/).*)$/s.exec(uri);
  return match?.[1] ?? null;
}
