// A receiver of webhooks as its users write one: it verifies with the
// standardwebhooks package, and of a directory's events it reads data as the
// published shape has it. Prints a line of JSON for each request; the first
// line is its address.
//
//	node receiver.mjs FOLDER-OF-NODE_MODULES   (the secrets on standard input, one a line)
import { createRequire } from 'node:module';
import http from 'node:http';
import readline from 'node:readline';

const { Webhook } = createRequire(`${process.argv[2]}/package.json`)('standardwebhooks');
let secret;

const server = http.createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    const line = { id: request.headers['webhook-id'] };
    try {
      const event = new Webhook(secret).verify(body, request.headers);
      line.type = event.type;
      if (event.type.startsWith('organization.directory.user_')) {
        const { email, name, roles } = event.data;
        Object.assign(line, { email, name, role: roles[0].role_name, organization: event.organization_id });
      }
      response.writeHead(200);
    } catch (wrong) {
      line.refused = wrong.message;
      response.writeHead(400);
    }
    response.end();
    console.log(JSON.stringify(line));
  });
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  secret = line;
  console.log('ready');
}).on('close', () => process.exit());
