import { existsSync } from 'node:fs';
import { clientOf } from './stand-in.ts';

/** A process of its own that submits once, so that a test can stop it meanwhile. The gate is shut once the file exists. */
const { API_URL = '', LOGIN_URL = '', CA = '', SHUT = '' } = process.env;
const { client } = clientOf(API_URL, { loginUrl: LOGIN_URL, ca: CA, timing: { deadline: 20_000 } });
const submission = await client.submit('0a', { Commands: [], Comment: '[x]' }, () => {
  process.stdout.write('gate asked\n');
  return !existsSync(SHUT);
});
process.stdout.write(`outcome ${submission.outcome}\n`);
client.close();
