import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:34567`. */
  readonly origin: string;
  readonly port: number;
  /** Every request so far, in order. */
  readonly requests: IncomingMessage[];
}

/** A server on the loopback address that answers as it is told. `times` counts the requests, from 1. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, times: number) => void,
): Promise<HttpServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Connections that are cut once who reads has so many bytes of the whole: what is cut earlier may never have arrived. */
const held = new Map<ServerResponse, number>();

export function cutReached({ bytes }: { bytes: number }): void {
  for (const [response, at] of held) {
    if (bytes < at) continue;
    held.delete(response);
    response.socket?.destroy();
  }
}

/** A file as an honest server gives it: with a strong tag, whole, from an offset on, or not at all where it is known. */
export function giveFile(
  request: Pick<IncomingMessage, 'headers'>,
  response: ServerResponse,
  { content, etag, cutAt }: { content: Buffer; etag: string; cutAt?: number },
): void {
  response.setHeader('etag', etag);
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  const [, first] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const from = first !== undefined && request.headers['if-range'] === etag ? Number(first) : null;
  const body = content.subarray(from ?? 0, cutAt);
  response.setHeader('content-length', content.length - (from ?? 0));
  if (from === null) response.writeHead(200);
  else response.writeHead(206, { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` });
  if (cutAt === undefined) response.end(body);
  else {
    held.set(response, cutAt);
    response.write(body);
  }
}
