import assert from 'node:assert/strict';
import { checkMessage } from '../../src/chat/slack/check.ts';
import { renderCard } from '../../src/chat/slack/render.ts';
import { sizeOf, LIMITS as TEAMS } from '../../src/chat/teams/limits.ts';
import { renderCard as renderInTeams } from '../../src/chat/teams/render.ts';
import { cardOfMany } from '../../src/flow/card-of-many.ts';
import { plain } from '../../src/model/notice.ts';
import type { Request, Run } from '../../src/model/request.ts';
import { machine } from '../support/fake-defender.ts';
import { aCommand, aDecision, aRequest, aRun, around, NOW } from '../support/records.ts';

const MINUTE = 60_000;

describe('the card of a request on several machines', () => {
  const on = (number: number, changes: Partial<Run> = {}): Run => {
    const name = `ws-${String(number).padStart(3, '0')}.contoso.com`;
    const tags = number <= 3 ? ['tier0'] : [];
    return aRun({ id: `LR-8K3F2Q.${number}`, machine: machine({ id: `id-${number}`, name, tags }), ...changes });
  };
  const many = (statuses: [count: number, changes: Partial<Run>][]): Run[] => {
    const changes = statuses.flatMap(([count, each]) => Array.from({ length: count }, () => each));
    return changes.map((each, index) => on(index + 1, each));
  };
  const card = (runs: Run[], request: Partial<Request> = {}, now = NOW) =>
    cardOfMany(aRequest(request), runs as [Run, ...Run[]], [aDecision()], around({ now }));
  const running: Partial<Run> = { status: 'running', sentAt: NOW, pickedUpAt: NOW };
  const ended = (status: Run['status']): Partial<Run> => ({
    ...{ ...running, status, endedAt: NOW + MINUTE },
    ...(status === 'succeeded'
      ? { commands: [aCommand({ state: 'completed', exitCode: 0, result: 'collected' })] }
      : {}),
  });

  it('counts machines by word and symbol, with a bar and the time that is left', () => {
    const runs = many([
      [21, ended('succeeded')],
      [9, running],
      [4, { status: 'queued' }],
      [3, ended('failed')],
    ]);
    const shown = card(runs, {}, NOW + 4 * MINUTE);
    assert.match(
      plain(shown.headline),
      /^Ana Analyst asked to run on 37 machines \(3 tier0\): ws-001, ws-002, .*, ws-037$/,
    );
    assert.equal(
      `${shown.state.symbol} ${plain(shown.state.words)}`,
      '▶ 24 of 37 done · ✔ 21 finished · ◌ 4 waiting · ▶ 9 running · ✘ 3 failed · ██████░░░░ 64 % · about 2 min 10 s left',
    );
  });

  it('tells by name what wants a look, the most urgent first, and who the others are', () => {
    const runs = many([
      [1, { status: 'unclear' }],
      [2, ended('timed_out')],
      [9, running],
      [3, ended('succeeded')],
    ]);
    const lines = card(runs).facts.map(plain).slice(1);
    assert.equal(lines.length, 11);
    assert.match(lines[0] ?? '', /^\? ws-001: Still unclear whether it ran/);
    assert.match(lines[1] ?? '', /^✘ ws-002: Timed out/);
    assert.match(lines[3] ?? '', /^▶ ws-004: Running since/);
    assert.equal(lines[10], 'and 2 more: ws-011, ws-012');
  });

  it('names every machine to who decides', () => {
    const shown = card(many([[4, { status: 'held' }]]), { status: 'waiting' });
    assert.equal(
      plain(shown.headline),
      'Ana Analyst wants to run on 4 machines (3 tier0): ws-001.contoso.com, ws-002.contoso.com, ws-003.contoso.com, ws-004.contoso.com',
    );
    assert.deepEqual(
      shown.buttons.map(({ action, id }) => [action, id]),
      [
        ['approve', 'LR-8K3F2Q:1'],
        ['deny', 'LR-8K3F2Q:1'],
        ['withdraw', 'LR-8K3F2Q'],
      ],
    );
    assert.equal(shown.buttons[0]?.confirm?.title, 'Run this on 4 machines?');
  });

  it('shows all of a hundred machines whole in a message of Slack', () => {
    const { text, blocks } = renderCard(card(many([[100, { status: 'held' }]]), { status: 'waiting' }));
    const shown = JSON.stringify(blocks);
    for (let number = 1; number <= 100; number++) {
      const name = `ws-${String(number).padStart(3, '0')}.contoso.com`;
      assert.ok(shown.includes(name), name);
    }
    assert.deepEqual(checkMessage({ text, blocks }), []);
  });

  it('fits both platforms in every mixture of a hundred machines', () => {
    const kinds: Partial<Run>[] = [
      { status: 'unclear', attempt: 1 },
      running,
      ended('failed'),
      ended('succeeded'),
      { status: 'queued' },
    ];
    for (const each of kinds) {
      const shown = card(many([[60, each], ...kinds.map((kind): [number, Partial<Run>] => [8, kind])]));
      assert.deepEqual(checkMessage(renderCard(shown)), []);
      assert.ok(sizeOf(renderInTeams(shown)) <= TEAMS.message.hard);
      assert.ok(plain(shown.headline).includes('ws-100'));
    }
  });

  it('asks about each unclear machine by its name, and cancels all with one button', () => {
    const runs = many([
      [2, { status: 'unclear', attempt: 1 }],
      [2, running],
    ]);
    assert.deepEqual(
      card(runs).buttons.map(({ action, id, label }) => [action, id, label]),
      [
        ['it_ran', 'LR-8K3F2Q.1:1', 'ws-001: It ran'],
        ['it_did_not_run', 'LR-8K3F2Q.1:1', 'ws-001: It didn’t run'],
        ['it_ran', 'LR-8K3F2Q.2:1', 'ws-002: It ran'],
        ['it_did_not_run', 'LR-8K3F2Q.2:1', 'ws-002: It didn’t run'],
        ['cancel', 'LR-8K3F2Q', 'Cancel'],
      ],
    );
  });

  it('asks about three machines at once, so that the buttons stay a few', () => {
    const asked = card(many([[9, { status: 'unclear', attempt: 1 }]])).buttons.filter(
      ({ action }) => action === 'it_ran',
    );
    assert.equal(asked.length, 3);
  });

  it('has an end that is neither better nor worse than its machines’', () => {
    const symbol = (...ends: Run['status'][]) =>
      card(many(ends.map((end) => [1, ended(end)])), { status: 'done', endedAt: NOW }).state.symbol;
    assert.equal(symbol('succeeded', 'succeeded'), '✔');
    assert.equal(symbol('succeeded', 'cancelled'), '–');
    assert.equal(symbol('succeeded', 'cancelled', 'timed_out'), '✘');
    const all = card(many([[2, ended('succeeded')]]), { status: 'done', endedAt: NOW });
    assert.equal(plain(all.state.words), '2 of 2 done · ✔ 2 finished · ██████████ 100 %');
    assert.ok(!all.buttons.some(({ action }) => action === 'cancel'));
  });
});
