import assert from 'node:assert/strict';
import { cardFor } from '../../src/flow/personal-card.ts';
import type { PersonRef } from '../../src/model/person.ts';
import { SCRIPT } from '../support/story.ts';
import { createWorld, type World } from '../support/world.ts';

describe('a card for one person', () => {
  let world: World;
  let id: string;

  beforeEach(async () => {
    world = await createWorld();
    ({ id } = await world.ask('U0ANA', SCRIPT));
  });

  const person = (user: string, platform: PersonRef['platform'] = 'slack'): PersonRef => ({
    platform,
    id: user,
    tenant: 'T0CONTOSO',
    name: user,
  });

  async function buttons(user: string): Promise<string[]> {
    const card = await cardFor(world.deps, { requestId: id, person: person(user), channel: 'C0SOC' });
    return card?.buttons.map(({ action }) => action) ?? [];
  }

  it('has the buttons of a waiting request for those whom they are for', async () => {
    assert.deepEqual(await buttons('U0LEA'), ['approve', 'deny']);
    assert.deepEqual(await buttons('U0ANA'), ['withdraw']);
    world.chat.standings.set('U0GUS', 'guest');
    const own = (user: string) => cardFor(world.deps, { requestId: id, person: person(user), channel: 'C0SOC' });
    assert.deepEqual([await own('U0GUS'), await own('U0EVE')], [null, null]);
  });

  it('is like everybody’s once it is decided', async () => {
    await world.click('U0LEA', 'approve', `${id}:1`);
    assert.deepEqual(
      await buttons('U0LEO'),
      world.card(id).buttons.map(({ action }) => action),
    );
    assert.equal(world.card(id).audience, null);
  });

  it('is there where the request lives only', async () => {
    const elsewhere = { requestId: id, person: person('U0LEA') };
    assert.equal(await cardFor(world.deps, { ...elsewhere, channel: 'C0OTHER' }), null);
    assert.equal(await cardFor(world.deps, { ...elsewhere, channel: null }), null);
    assert.equal(
      await cardFor(world.deps, { requestId: id, person: person('U0LEA', 'teams'), channel: 'C0SOC' }),
      null,
    );
    assert.equal(
      await cardFor(world.deps, { requestId: 'LR-000000', person: person('U0LEA'), channel: 'C0SOC' }),
      null,
    );
  });

  it('names everybody whom the buttons are for, and never the requester among the approvers', async () => {
    assert.deepEqual(world.card(id).audience, { approvers: ['U0LEA', 'U0LEO'], requester: 'U0ANA' });
    const lea = await world.ask('U0LEA', SCRIPT.replace('ws-042', 'ws-042 '));
    assert.deepEqual(world.card(lea.id).audience, { approvers: ['U0LEO'], requester: 'U0LEA' });
  });
});
