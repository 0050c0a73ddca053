// Makes one trace over two processes with a real client, and prints what it made as one line of JSON: {"spans": [...]}.
//
//   node src/trace.js '{"client": "opentelemetry", "exporter": "otlp-grpc", "propagation": "w3c", "endpoint": "http://127.0.0.1:4317"}'
//
// This process is the front service; it starts itself again as the back service and calls it over HTTP.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { fileURLToPath } from 'node:url';

const PATIENCE_MS = 20_000;

const [json, role = 'front'] = process.argv.slice(2);
const options = JSON.parse(json);
const { Client } = await import(`./${options.client}.js`);
const client = new Client({ ...options, service: `${options.name}-${role}` });

setTimeout(() => {
  console.error(`The ${role} of ${options.client} was not done within ${PATIENCE_MS} ms.`);
  process.exit(3);
}, PATIENCE_MS).unref();

if (role === 'back') {
  const server = http.createServer((request, response) => {
    client.back(request.headers).then(
      () => response.end('stock'),
      (error) => {
        console.error(error);
        response.writeHead(500).end();
      });
  });
  process.once('message', async () => {
    await client.finish();
    process.send({ spans: client.made }, () => process.exit(0));
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
} else {
  const back = fork(fileURLToPath(import.meta.url), [json, 'back']);
  back.once('exit', (code) => code && process.exit(code));
  const [{ port }] = await once(back, 'message');
  await client.front(port, (headers) => get(port, headers));
  await client.finish();
  const answer = once(back, 'message');
  back.send('finish');
  const [{ spans }] = await answer;
  console.log(JSON.stringify({ spans: [...client.made, ...spans] }));
  process.exit(0);
}

function get(port, headers) {
  return new Promise((resolve, reject) => {
    http.get({ port, host: '127.0.0.1', path: '/stock', headers }, (response) => {
      response.resume();
      response.once('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`The back answered ${response.statusCode}.`))));
    }).once('error', reject);
  });
}
