import assert from 'node:assert/strict';
import { createAskOnce } from '../../src/chat/ask-once.ts';
import { ChatError } from '../../src/errors.ts';

describe('asking once', () => {
  it('shares a question with whoever asks meanwhile, and asks about other things by themselves', async () => {
    const asked: string[] = [];
    const ask = createAskOnce(async (about: string) => {
      asked.push(about);
      return asked.length;
    }, 60);
    assert.deepEqual(await Promise.all([ask('soc'), ask('soc'), ask('other')]), [1, 1, 2]);
    assert.deepEqual(asked, ['soc', 'other']);
    await ask('soc');
    assert.equal(asked.length, 3);
  });

  it('gives a failure to everybody for a while, without asking again', async () => {
    let asked = 0;
    const failure = new ChatError('chat_unreachable', 'No answer.');
    const ask = createAskOnce(async () => {
      asked += 1;
      throw failure;
    }, 60);
    await assert.rejects(ask('soc'), failure);
    await assert.rejects(ask('soc'), failure);
    assert.equal(asked, 1);
  });

  it('asks again at once after a failure that isn’t the platform’s', async () => {
    let asked = 0;
    const ask = createAskOnce(async () => {
      asked += 1;
      throw new Error('the database was away');
    }, 60);
    await assert.rejects(ask('soc'));
    await assert.rejects(ask('soc'));
    assert.equal(asked, 2);
  });
});
