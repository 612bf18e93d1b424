import { ERROR_CODES } from '../../errors/codes.ts';
import { isMissing, isRefused, type S3Failure, statusOf } from '../../s3/s3-failure.ts';
import { AGAIN } from '../http/http-failure.ts';
import type { Unreachable } from '../unreachable.ts';

/** What to do about an answer that is known by its name. */
const REMEDIES: Readonly<Record<string, string>> = {
  NoSuchBucket: 'Mend the bucket in the manifest, or endpoint and region of connections.<name>',
  RequestTimeTooSkewed: 'Set the clock of this machine: S3 takes no request that is minutes off its own',
  InvalidObjectState: 'It is archived: restore it, or move it out of what the manifest means',
  AccessDenied:
    'Let the keys of connections.<name> list (s3:ListBucket) and read (s3:GetObject) there; who may not list is told the same of an object that is not there',
  PermanentRedirect: 'Mend region or endpoint of connections.<name>',
  AuthorizationHeaderMalformed: 'Mend region or endpoint of connections.<name>',
  ExpiredToken: 'Renew what session_token of connections.<name> refers to',
};

/** Nothing was sent that these names say; what else a server writes is not repeated: it is whatever it likes. */
export function objectFailure(
  error: unknown,
  { place, connection }: { place: string; connection: string },
): Unreachable {
  const failure = error as S3Failure;
  const status = statusOf(error);
  const name = /^[A-Za-z]{1,64}$/.test(failure.name) ? failure.name : 'an error';
  const said = status === undefined ? name : `${status} ${name}`;
  const unreachable = (what: Pick<Unreachable, 'code' | 'message' | 'next'>): Unreachable => ({
    kind: 'unreachable',
    cause: 'unreadable',
    ...what,
  });
  if (isMissing(error))
    return {
      kind: 'unreachable',
      cause: 'missing',
      code: ERROR_CODES.source_unreadable,
      message: `${place} is not there (${said}).`,
      next: 'Put the object there or mend the manifest (a prefix ends with a /), then run the same command again.',
    };
  const remedy = Object.hasOwn(REMEDIES, name) ? REMEDIES[name] : undefined;
  if (remedy !== undefined || isRefused(error) || status === 400)
    return unreachable({
      code: ERROR_CODES.bucket_refused,
      message: `${place} is refused: ${said}.`,
      next: `${(remedy ?? 'Mend what stands under connections.<name> in tidemark.yaml, or what its references stand for').replace('<name>', connection)}; then: tidemark doctor`,
    });
  const { attempts } = failure.$metadata ?? {};
  const tries = attempts === undefined || attempts < 2 ? '' : `, ${attempts} times`;
  return unreachable({
    code: ERROR_CODES.bucket_unanswered,
    message: `${place} was not answered${tries}: ${status === undefined ? failure.message : said}.`,
    next: AGAIN,
  });
}
