import assert from 'node:assert/strict';
import { shortName } from '../../src/model/machine.ts';
import { personKey, type Standing, samePerson, standingRefusal } from '../../src/model/person.ts';
import { ANA, LEA } from '../support/records.ts';

describe('people', () => {
  it('are told apart by platform and id, never by name', () => {
    assert.equal(personKey(ANA), 'slack:U0ANA');
    assert.ok(samePerson(ANA, { ...ANA, name: 'Somebody else' } as typeof ANA));
    assert.ok(!samePerson(ANA, LEA));
    assert.ok(!samePerson(ANA, { ...ANA, platform: 'teams' } as typeof ANA));
  });

  it('may do nothing unless they are members, and hear why', () => {
    const standings: Standing[] = ['guest', 'external', 'bot', 'deactivated', 'anonymous', 'unknown'];
    const words = standings.map(standingRefusal);
    for (const sentence of words) assert.match(sentence ?? '', /\w+\.$/);
    assert.equal(new Set(words).size, standings.length);
    assert.equal(standingRefusal('member'), null);
  });
});

describe('machines', () => {
  it('are called by the first label of their name, or by their id', () => {
    assert.equal(shortName({ id: 'a1', name: 'ws-042.contoso.com' }), 'ws-042');
    assert.equal(shortName({ id: 'a1', name: 'ws-042' }), 'ws-042');
    assert.equal(shortName({ id: 'a1', name: '' }), 'a1');
  });
});
