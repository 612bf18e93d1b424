import { S3 } from '@aws-sdk/client-s3';
import type { S3Location } from '../model/s3-location.ts';

/** How long and how often S3 is waited for. */
export interface ClientBounds {
  /** Attempts of one request; the waits between them double and are jittered. */
  readonly attemptsMax: number;
  /** For a connection. */
  readonly connectMs: number;
  /** Without a byte in either direction. */
  readonly idleMs: number;
  readonly requestsAtOnceMax: number;
}

/** The SDK's client, with its retries and its checksums on what goes and comes. */
export function openClient(at: Omit<S3Location, 'bucket' | 'prefix'>, bounds: ClientBounds): S3 {
  return new S3({
    ...(at.region !== null && { region: at.region }),
    ...(at.endpoint !== null && { endpoint: at.endpoint }),
    forcePathStyle: at.pathStyle,
    ...(at.credentials !== null && { credentials: at.credentials }),
    requestChecksumCalculation: at.checksums === 'when_required' ? 'WHEN_REQUIRED' : 'WHEN_SUPPORTED',
    responseChecksumValidation: at.checksums === 'when_required' ? 'WHEN_REQUIRED' : 'WHEN_SUPPORTED',
    maxAttempts: bounds.attemptsMax,
    requestHandler: {
      connectionTimeout: bounds.connectMs,
      socketTimeout: bounds.idleMs,
      requestTimeout: bounds.idleMs,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: bounds.requestsAtOnceMax * 2 },
      httpsAgent: { maxSockets: bounds.requestsAtOnceMax * 2 },
    },
  });
}
