import type { HttpCredential } from '../../config/http-settings.ts';
import { resolveReferences } from '../../config/resolve-references.ts';
import { ERROR_CODES } from '../../errors/codes.ts';
import { HttpFailure } from './http-failure.ts';

/**
 * The headers that an origin is asked with, references put in for this one use.
 * @throws HttpFailure http_credential, naming the reference and never its value
 */
export function credentialHeaders(
  { origin }: URL,
  { credentials, root }: { credentials: Readonly<Record<string, HttpCredential>>; root: string },
): Record<string, string> {
  const credential = Object.hasOwn(credentials, origin) ? credentials[origin] : undefined;
  if (credential === undefined) return {};
  const put = (text: string): string => {
    const resolved = resolveReferences(text, { root });
    if (resolved.kind === 'unresolved') throw unusable(origin, resolved.reason);
    if (!/^[\x20-\x7e]+$/.test(resolved.text)) throw unusable(origin, 'what it refers to fits no header');
    return resolved.text;
  };
  switch (credential.kind) {
    case 'bearer':
      return { authorization: `Bearer ${put(credential.token)}` };
    case 'basic':
      return {
        authorization: `Basic ${Buffer.from(put(credential.userAndPassword)).toString('base64')}`,
      };
    case 'headers':
      return Object.fromEntries(
        Object.entries(credential.headers).map(([name, value]) => [name, put(value)]),
      );
  }
}

function unusable(origin: string, why: string): HttpFailure {
  return new HttpFailure({
    code: ERROR_CODES.http_credential,
    message: `The credential for ${origin} cannot be used: ${why}.`,
    next: 'Set what it refers to, or mend http.credentials in tidemark.yaml; then run the same command again.',
  });
}
