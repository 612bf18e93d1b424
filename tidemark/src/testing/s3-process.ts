// `s3Server` as a process of its own, which outlives whoever is killed: node s3-process.ts prints its endpoint and ends with its input.
import { once } from 'node:events';
import { s3Server } from './s3-server.ts';

const server = await s3Server({ pageKeys: 20 });
process.stdout.write(`${server.endpoint}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await server[Symbol.asyncDispose]();
