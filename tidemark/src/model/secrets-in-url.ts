/** Parameters that carry a credential, by the names that services give them. `page_token` and the like are none. */
const CREDENTIAL_PARAMETERS =
  /^(x-(amz|goog)-(signature|credential|security-token)|awsaccesskeyid|sig|signature|(access|auth|id|refresh)?[-_]?token|api[-_]?key|access[-_]?key|(client[-_]?)?secret|pass(word|wd|phrase)?|pwd)$/i;

const WEB = /^https?:\/\//i;

/**
 * Which part of a URL is a credential; null where none is seen. A manifest that holds one is refused: its text is kept as
 * evidence and shown to whoever asks. What is no URL holds none. A user without a password is a name to a database, and
 * half a credential to a web server.
 */
export function secretIn(text: string): string | null {
  const [, authority, rest = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/is.exec(text.trim()) ?? [];
  if (authority === undefined) return null;
  const user = authority.slice(0, Math.max(0, authority.lastIndexOf('@')));
  if (user.includes(':')) return 'a password';
  if (user !== '' && WEB.test(text.trim())) return 'a user';
  const [, query = ''] = /\?([^#]*)/.exec(rest) ?? [];
  const named = [...new URLSearchParams(query).keys()].find((name) => CREDENTIAL_PARAMETERS.test(name));
  return named === undefined ? null : `the parameter ${named}`;
}

/** A URL for people and for evidence, without user, password, query and fragment; a redirect may hold a signature there. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
