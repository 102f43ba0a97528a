// Mocha's spec reporter, which also writes how many tests passed and failed to the file that TEST_RESULTS names.
const { appendFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class Results extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures } = this.stats;
      if (process.env.TEST_RESULTS) appendFileSync(process.env.TEST_RESULTS, `${passes} ${failures}\n`);
    });
  }
};
