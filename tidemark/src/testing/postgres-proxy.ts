import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What a client asks of a server in one go: to be connected, or one statement. */
export interface PostgresCall {
  /** From 1, over all connections. */
  readonly number: number;
  /** The statement; `connect` for a new connection. */
  readonly text: string;
}

export type PostgresFault =
  /** The connection is cut, and the server never gets the call. */
  | 'cut_before'
  /** The server has done what was asked, and the connection is cut before its answer arrives. */
  | 'lost_acknowledgement'
  /** The server never gets the call, and the connection stays open in silence. */
  | 'stall_before'
  /** The server has done what was asked, and the connection stays open in silence. */
  | 'stall_after'
  /** The server ends the session, as an administrator or a restart does. */
  | 'terminated'
  /** The server fails the statement, and the transaction that it is in, with this SQLSTATE. */
  | { readonly sqlstate: string };

export interface PostgresProxy extends AsyncDisposable {
  /** Every call so far, in order. */
  readonly calls: readonly PostgresCall[];
  /** What goes wrong with a call. */
  fault: (call: PostgresCall) => Promise<PostgresFault | null> | PostgresFault | null;
  /** The same database by way of the proxy. */
  through(url: string): string;
}

/**
 * Stands between a client and a real server, on the loopback address, and lets single calls go wrong. It understands of
 * the protocol what tells one call, and its answer, from the next; errors and their effects are the server's own. Clients
 * neither encrypt nor send a call before the last was answered.
 */
export async function postgresProxy(serverUrl: string): Promise<PostgresProxy> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const calls: PostgresCall[] = [];
  const listener = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    void relay({ client, server }, async (text) => {
      const call = { number: calls.length + 1, text };
      calls.push(call);
      return await proxy.fault(call);
    });
  });
  const proxy: PostgresProxy = {
    calls,
    fault: () => null,
    through: (url) => {
      const through = new URL(url);
      through.port = String((listener.address() as AddressInfo).port);
      return through.href;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  return proxy;
}

interface Line {
  readonly client: Socket;
  readonly server: Socket;
}

async function relay(
  line: Line,
  faultOf: (text: string) => Promise<PostgresFault | null> | PostgresFault | null,
): Promise<void> {
  const { client, server } = line;
  const cut = () => {
    client.destroy();
    server.destroy();
  };
  client.on('close', () => server.destroy());
  server.on('close', () => client.end());
  let withheld = false;
  const answers = new Framing(() => false);
  let answered: () => void = () => undefined;
  server.on('data', (chunk) => {
    if (!withheld) client.write(chunk);
    for (const { type } of answers.take(chunk)) if (type === READY) answered();
  });
  try {
    for await (const { text, bytes } of callsOf(client)) {
      const fault = text === null ? null : await faultOf(text);
      const answer = new Promise<void>((resolve) => {
        answered = resolve;
      });
      if (fault === 'cut_before') return cut();
      if (fault === 'stall_before') return;
      withheld = fault === 'lost_acknowledgement' || fault === 'stall_after';
      if (fault === 'terminated') server.write(statement(TERMINATE));
      else if (fault !== null && typeof fault === 'object') {
        if (text === CONNECT) client.end(refusal(fault.sqlstate));
        else server.write(statement(raise(fault.sqlstate)));
      } else server.write(bytes);
      if (!withheld) continue;
      await answer;
      if (fault === 'lost_acknowledgement') cut();
      return;
    }
  } catch {
    cut(); // The client went away.
  }
}

const CONNECT = 'connect';
const READY = 'Z';
/** Of no rows: what was asked may have been a COPY, to which none are an answer. */
const TERMINATE = 'DO $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); END $$';

/** Pieces of a conversation: all of a call at once; `text` is null for what is no call. */
async function* callsOf(client: Socket): AsyncGenerator<{ text: string | null; bytes: Buffer }> {
  const framing = new Framing((first) => first);
  let text: string | null = null;
  let pending: Buffer[] = [];
  // A stalled line stays open: whoever leaves the loop closes it, or nobody does.
  for await (const chunk of client.iterator({ destroyOnReturn: false })) {
    for (const message of framing.take(chunk as Buffer)) {
      pending.push(message.bytes);
      if (message.type === null) text = CONNECT;
      if (message.type === 'Q') text = message.bytes.toString('utf8', 5, message.bytes.length - 1);
      if (message.type === 'P') text = preparedText(message.bytes);
      const isWhole =
        message.type === null || message.type === 'Q' || message.type === 'S' || message.type === 'X';
      if (!isWhole) continue;
      yield { text, bytes: Buffer.concat(pending) };
      text = null;
      pending = [];
    }
  }
}

/** Parse: the statement's name, then its text, both ended by a zero. */
function preparedText(bytes: Buffer): string {
  const from = bytes.indexOf(0, 5) + 1;
  return bytes.toString('utf8', from, bytes.indexOf(0, from));
}

/** Messages have a type, a length that counts itself, and a body; the first of a client has no type. */
class Framing {
  readonly #isUntyped: (first: boolean) => boolean;
  #rest: Buffer = Buffer.alloc(0);
  #first = true;

  constructor(isUntyped: (first: boolean) => boolean) {
    this.#isUntyped = isUntyped;
  }

  *take(chunk: Buffer): Generator<{ type: string | null; bytes: Buffer }> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const head = this.#isUntyped(this.#first) ? 0 : 1;
      if (this.#rest.length < head + 4) return;
      const length = head + this.#rest.readUInt32BE(head);
      if (this.#rest.length < length) return;
      const bytes = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      this.#first = false;
      yield { type: head === 0 ? null : String.fromCharCode(bytes[0] ?? 0), bytes };
    }
  }
}

function statement(text: string): Buffer {
  return message('Q', `${text}\0`);
}

function raise(sqlstate: string): string {
  return `DO $$ BEGIN RAISE EXCEPTION 'as injected' USING ERRCODE = '${sqlstate}'; END $$`;
}

/** What a server says that takes no connection. */
function refusal(sqlstate: string): Buffer {
  return message('E', `SFATAL\0VFATAL\0C${sqlstate}\0Mas injected\0\0`);
}

function message(type: string, body: string): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(4 + Buffer.byteLength(body), 1);
  return Buffer.concat([head, Buffer.from(body)]);
}
