import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';

/** What goes wrong with one request. `before` and `after` say whether the server does what was asked. */
export type Fault =
  | 'unavailable_before'
  | 'failed_after'
  | 'cut_before'
  | 'lost_acknowledgement'
  | 'truncated_body'
  | 'altered_body'
  | 'stalled_body'
  /** It says that there is more, and not where. */
  | 'endless_listing'
  | 'silent';

/** An answer in the words of S3. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
}

export interface S3Request {
  readonly number: number;
  readonly operation: Operation;
  readonly key: string;
  readonly range: string | null;
}

export type Operation =
  | 'PutObject'
  | 'GetObject'
  | 'HeadObject'
  | 'DeleteObject'
  | 'ListObjectsV2'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload';

export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly bucket: string;
  /** Everything stored, by key. */
  readonly objects: Map<string, StoredBytes>;
  readonly requests: S3Request[];
  /** Uploads that were neither completed nor aborted. */
  openUploads(): number;
  /** Asked for every request, and waited for; null lets it pass. */
  fault: (request: S3Request) => Fault | Refusal | null | Promise<Fault | Refusal | null>;
  /** What is listed in place of what is stored, such as what was stored a moment ago; null: what is stored. */
  listed: ReadonlyMap<string, StoredBytes> | null;
  /** Like servers that take no notice of conditions. */
  honoursConditions: boolean;
}

export interface StoredBytes {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modifiedAt: Date;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
}

/** Smallest part but the last, as S3 has it. */
const PART_BYTES_MIN = 5 * 1024 * 1024;

/**
 * S3 in memory for tests, stricter than S3 where a client could get something wrong unnoticed: every request is signed,
 * every write has a checksum and it is checked, conditions hold, names listed come in small pages.
 */
export async function s3Server({
  bucket = 'lake',
  accessKeyId = 'tester',
  pageKeys = 3,
}: {
  bucket?: string;
  accessKeyId?: string;
  pageKeys?: number;
} = {}): Promise<S3Server> {
  const objects = new Map<string, StoredBytes>();
  const uploads = new Map<string, { key: string; parts: Map<number, StoredBytes> }>();
  const requests: S3Request[] = [];
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: Error) => {
      if (!response.headersSent) send(response, problem(500, 'InternalError', error.message));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const self: S3Server = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accessKeyId,
    bucket,
    objects,
    requests,
    openUploads: () => uploads.size,
    fault: () => null,
    listed: null,
    honoursConditions: true,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', self.endpoint);
    const [, named = '', ...rest] = url.pathname.split('/');
    const key = decodeURIComponent(rest.join('/'));
    const operation = operationOf(request.method ?? '', key, url.searchParams);
    const received = await bodyOf(request);
    const range = request.headers.range ?? null;
    const asked = { number: requests.length + 1, operation, key, range };
    requests.push(asked);
    const fault = await self.fault(asked);
    if (fault === 'silent') return;
    if (fault === 'cut_before') {
      request.socket.destroy();
      return;
    }
    if (typeof fault === 'object' && fault !== null) {
      send(response, problem(fault.status, fault.code, 'Words of a server.'), request.method === 'HEAD');
      return;
    }
    if (fault === 'unavailable_before') {
      send(response, problem(503, 'SlowDown', 'Please reduce your request rate.'));
      return;
    }
    const answer =
      refusal(request, received) ??
      (named === bucket
        ? answerTo({ asked, query: url.searchParams, request, bytes: received.bytes })
        : problem(404, 'NoSuchBucket', 'The specified bucket does not exist'));
    if (fault === 'lost_acknowledgement') {
      request.socket.destroy();
      return;
    }
    if (fault === 'failed_after') {
      send(response, problem(500, 'InternalError', 'We encountered an internal error. Please try again.'));
      return;
    }
    if ((fault === 'truncated_body' || fault === 'stalled_body') && Buffer.isBuffer(answer.body)) {
      const { body } = answer;
      response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => {
        if (fault === 'truncated_body') request.socket.destroy();
      });
      return;
    }
    if (fault === 'endless_listing') {
      const text = String(answer.body).replace(/<NextContinuationToken>.*?<\/NextContinuationToken>/, '');
      send(response, { ...answer, body: text.replace('<IsTruncated>false', '<IsTruncated>true') });
      return;
    }
    if (fault === 'altered_body' && Buffer.isBuffer(answer.body)) {
      const body = Buffer.from(answer.body);
      body[0] = (body[0] ?? 0) ^ 1;
      send(response, { ...answer, body });
      return;
    }
    send(response, answer, request.method === 'HEAD');
  }

  function refusal(request: IncomingMessage, received: Received): Answer | null {
    const { authorization = '', 'x-amz-date': date, 'x-amz-content-sha256': sum = '' } = request.headers;
    const signed =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/[^/]+\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=[0-9a-f]{64}$/.exec(
        authorization,
      );
    if (signed === null || date === undefined)
      return problem(403, 'AccessDenied', 'The request is not signed.');
    if (signed[1] !== accessKeyId) return problem(403, 'InvalidAccessKeyId', 'The access key is not known.');
    if (!signed[2]?.split(';').includes('host'))
      return problem(403, 'SignatureDoesNotMatch', 'The host is not signed.');
    const isPlain = /^[0-9a-f]{64}$/.test(String(sum));
    if (isPlain && sha256Hex(received.raw) !== sum)
      return problem(400, 'XAmzContentSHA256Mismatch', 'The body is not what was signed.');
    const isWrite = request.method === 'PUT';
    if (isWrite && received.sums.length === 0)
      return problem(400, 'InvalidRequest', 'A write must have a checksum.');
    for (const [algorithm, value] of received.sums) {
      if (sumOf(algorithm, received.bytes) !== value)
        return problem(400, 'BadDigest', `The ${algorithm} is not that of the body.`);
    }
    return null;
  }

  function answerTo(work: {
    asked: S3Request;
    query: URLSearchParams;
    request: IncomingMessage;
    bytes: Buffer;
  }): Answer {
    const { asked, query, request, bytes } = work;
    const { key, operation } = asked;
    const found = objects.get(key);
    const lost = (): Answer | null => {
      if (!self.honoursConditions) return null;
      const { 'if-none-match': none, 'if-match': match } = request.headers;
      if (none === '*' && found !== undefined)
        return problem(412, 'PreconditionFailed', 'The name is taken.');
      if (match !== undefined && match !== found?.etag)
        return problem(412, 'PreconditionFailed', 'The object is another.');
      return null;
    };
    const upload = uploads.get(query.get('uploadId') ?? '');
    switch (operation) {
      case 'PutObject': {
        const refused = lost();
        if (refused !== null) return refused;
        objects.set(key, stored(bytes));
        return { status: 200, headers: { etag: stored(bytes).etag } };
      }
      case 'HeadObject':
      case 'GetObject': {
        if (found === undefined) return problem(404, 'NoSuchKey', 'The specified key does not exist.');
        const refused = lost();
        if (refused !== null) return refused;
        if (request.headers['if-none-match'] === found.etag)
          return { status: 304, headers: { etag: found.etag } };
        return content(found, request.headers.range, request.headers['x-amz-checksum-mode'] === 'ENABLED');
      }
      case 'DeleteObject':
        objects.delete(key);
        return { status: 204 };
      case 'ListObjectsV2':
        return listing(query);
      case 'CreateMultipartUpload': {
        const id = randomUUID();
        uploads.set(id, { key, parts: new Map() });
        return xml(
          `<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escaped(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
        );
      }
      case 'UploadPart': {
        if (upload?.key !== key) return problem(404, 'NoSuchUpload', 'The upload does not exist.');
        upload.parts.set(Number(query.get('partNumber')), stored(bytes));
        const sum = sumOf('crc32', bytes);
        return { status: 200, headers: { etag: stored(bytes).etag, 'x-amz-checksum-crc32': sum } };
      }
      case 'AbortMultipartUpload':
        return uploads.delete(query.get('uploadId') ?? '')
          ? { status: 204 }
          : problem(404, 'NoSuchUpload', 'The upload does not exist.');
      case 'CompleteMultipartUpload': {
        if (upload?.key !== key) return problem(404, 'NoSuchUpload', 'The upload does not exist.');
        const refused = lost();
        if (refused !== null) return refused;
        const listed = [...bytes.toString().matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
          number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
          etag: /<ETag>([^<]*)</.exec(part)?.[1]?.replaceAll('&quot;', '"'),
        }));
        const parts = listed.map(({ number, etag }) => {
          const part = upload.parts.get(number);
          return part?.etag === etag ? part?.bytes : undefined;
        });
        if (parts.length === 0 || parts.some((part) => part === undefined))
          return problem(400, 'InvalidPart', 'A part is missing or another.');
        if (parts.slice(0, -1).some((part) => (part?.length ?? 0) < PART_BYTES_MIN))
          return problem(400, 'EntityTooSmall', 'A part is too small.');
        objects.set(key, stored(Buffer.concat(parts as Buffer[])));
        uploads.delete(query.get('uploadId') ?? '');
        return xml(
          `<CompleteMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escaped(key)}</Key><ETag>${escaped(objects.get(key)?.etag ?? '')}</ETag></CompleteMultipartUploadResult>`,
        );
      }
    }
  }

  function listing(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter') ?? '';
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const isEncoded = query.get('encoding-type') === 'url';
    const written = (name: string) =>
      escaped(isEncoded ? encodeURIComponent(name).replaceAll('%2F', '/').replaceAll('%20', '+') : name);
    const all = self.listed ?? objects;
    const keys: string[] = [];
    const folders = new Set<string>();
    for (const key of [...all.keys()].sort()) {
      if (!key.startsWith(prefix)) continue;
      const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      const name = cut === -1 ? key : key.slice(0, cut + 1);
      if (name <= after) continue;
      if (cut === -1) keys.push(key);
      else folders.add(name);
    }
    const names = [...keys, ...folders].sort();
    const page = names.slice(0, Math.min(pageKeys, Number(query.get('max-keys') ?? pageKeys)));
    const more = page.length < names.length;
    const contents = page.map((name) => {
      if (folders.has(name)) return `<CommonPrefixes><Prefix>${written(name)}</Prefix></CommonPrefixes>`;
      const { bytes, etag, modifiedAt } = all.get(name) as StoredBytes;
      return `<Contents><Key>${written(name)}</Key><LastModified>${modifiedAt.toISOString()}</LastModified><ETag>${escaped(etag)}</ETag><Size>${bytes.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
    });
    return xml(
      `<ListBucketResult><Name>${bucket}</Name><Prefix>${written(prefix)}</Prefix>${isEncoded ? '<EncodingType>url</EncodingType>' : ''}<KeyCount>${page.length}</KeyCount><IsTruncated>${more}</IsTruncated>${more ? `<NextContinuationToken>${escaped(page.at(-1) ?? '')}</NextContinuationToken>` : ''}${contents.join('')}</ListBucketResult>`,
    );
  }
  return self;
}

function content(
  { bytes, etag, modifiedAt }: StoredBytes,
  range: string | undefined,
  checked: boolean,
): Answer {
  const headers = { etag, 'last-modified': modifiedAt.toUTCString(), 'accept-ranges': 'bytes' };
  if (range === undefined) {
    const sums = checked ? { 'x-amz-checksum-crc32': sumOf('crc32', bytes) } : {};
    return { status: 200, headers: { ...headers, ...sums }, body: bytes };
  }
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  const from = first === '' ? Math.max(0, bytes.length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? bytes.length - 1 : Math.min(Number(last), bytes.length - 1);
  if (from >= bytes.length) return problem(416, 'InvalidRange', 'The range is past the end.');
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${from}-${to}/${bytes.length}` },
    body: bytes.subarray(from, to + 1),
  };
}

function operationOf(method: string, key: string, query: URLSearchParams): Operation {
  if (key === '') return 'ListObjectsV2';
  if (method === 'PUT') return query.has('partNumber') ? 'UploadPart' : 'PutObject';
  if (method === 'POST') return query.has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload';
  if (method === 'DELETE') return query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject';
  return method === 'HEAD' ? 'HeadObject' : 'GetObject';
}

interface Received {
  readonly raw: Buffer;
  readonly bytes: Buffer;
  /** Checksums that came with it, in a header or behind the body. */
  readonly sums: readonly (readonly [string, string])[];
}

async function bodyOf(request: IncomingMessage): Promise<Received> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const raw = Buffer.concat(pieces);
  const { bytes, trailers } = String(request.headers['content-encoding']).includes('aws-chunked')
    ? unchunked(raw)
    : { bytes: raw, trailers: {} };
  const sums = Object.entries({ ...request.headers, ...trailers }).flatMap(([name, value]) => {
    const algorithm =
      /^x-amz-checksum-(crc32|sha256|sha1)$/.exec(name)?.[1] ?? (name === 'content-md5' ? 'md5' : null);
    return algorithm === null ? [] : [[algorithm, String(value)] as const];
  });
  return { raw, bytes, sums };
}

/** `<size in hex>[;signature]\r\n<bytes>\r\n` … `0\r\n<trailers>\r\n\r\n` */
function unchunked(raw: Buffer): { bytes: Buffer; trailers: Record<string, string> } {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = raw.indexOf('\r\n', at);
    const size = Number.parseInt(raw.subarray(at, end).toString(), 16);
    if (size === 0) {
      const lines = raw
        .subarray(end + 2)
        .toString()
        .split('\r\n');
      const trailers = lines.flatMap((line) => {
        const cut = line.indexOf(':');
        return cut === -1 ? [] : [[line.slice(0, cut).toLowerCase(), line.slice(cut + 1).trim()]];
      });
      return { bytes: Buffer.concat(pieces), trailers: Object.fromEntries(trailers) };
    }
    pieces.push(raw.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

export function stored(bytes: Buffer): StoredBytes {
  // Times are whole seconds, as S3 has them.
  const modifiedAt = new Date(Math.floor(Date.now() / 1000) * 1000);
  return { bytes, etag: `"${createHash('md5').update(bytes).digest('hex')}"`, modifiedAt };
}

function sumOf(algorithm: string, bytes: Buffer): string {
  if (algorithm !== 'crc32') return createHash(algorithm).update(bytes).digest('base64');
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString('base64');
}

function sha256Hex(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function problem(status: number, code: string, message: string): Answer {
  return { ...xml(`<Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error>`), status };
}

function xml(text: string): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${text}`;
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function send(response: ServerResponse, { status, headers, body = '' }: Answer, headOnly = false): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(headOnly ? undefined : body);
}
