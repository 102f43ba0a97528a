// Loaded before the emulator: it would listen on all interfaces, and could call its maker.
const dns = require('node:dns');
const { isIP, Server } = require('node:net');

const { listen } = Server.prototype;
Server.prototype.listen = function onLoopback(...how) {
  const listening = how.at(-1);
  return listen.call(this, { port: 0, host: '127.0.0.1' }, typeof listening === 'function' ? listening : undefined);
};

const { lookup } = dns;
dns.lookup = (name, ...rest) => {
  if (name === 'localhost' || isIP(name) !== 0) {
    lookup(name === 'localhost' ? '127.0.0.1' : name, ...rest);
    return;
  }
  process.stderr.write(`The emulator wanted to reach ${name}.\n`);
  rest.at(-1)(Object.assign(new Error(`${name} is not on this machine`), { code: 'ENOTFOUND' }));
};
