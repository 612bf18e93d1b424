/** Longer than a drive letter, so that `C:\manuals` is a path. */
const HAS_SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/**
 * The declared location as a URI. A URL stays as declared, but for a user name and password in it, which are no part
 * of where a document came from. A path, which is relative to the project root, becomes `omni://source/<path>`: the
 * contracts' own scheme, which tells nothing of the machine and stays when the project is moved.
 */
export function sourceUrlOf(declared: string): string {
  if (HAS_SCHEME.test(declared)) return withoutCredentials(declared);
  const segments = declared
    .replaceAll('\\', '/')
    .replace(/^(\.\/+)+/, '')
    .split('/');
  return `omni://source/${segments.map((segment) => encodeURIComponent(segment.toWellFormed())).join('/')}`;
}

function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]+:\/\/)[^/?#]*@/i, '$1');
}
