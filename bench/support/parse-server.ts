// The bare limit of a request with one event: node:http, the body collected, JSON.parse, an empty answer.
import { createServer } from 'node:http';

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (chunks.length > 0) JSON.parse(Buffer.concat(chunks).toString('utf8'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"accepted":1,"duplicates":0,"rejected":[]}');
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
