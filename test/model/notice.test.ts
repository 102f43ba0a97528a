import assert from 'node:assert/strict';
import { answer, code, link, person, plain, strong, text, time } from '../../src/model/notice.ts';
import { ANA } from '../support/records.ts';

describe('words without a platform', () => {
  it('read the same without markup: names, labels, times in UTC with the word', () => {
    const words = [
      person(ANA),
      text(' wants '),
      code('minidump.ps1'),
      text(' on '),
      strong('ws-042'),
      text(' until '),
      time(Date.UTC(2026, 10, 24, 17, 40)),
      text(' of '),
      time(Date.UTC(2026, 10, 24, 9, 5), 'date'),
      text(', see '),
      link('https://security.microsoft.com/machines/1', 'the portal'),
    ];
    assert.equal(
      plain(words),
      'Ana Analyst wants minidump.ps1 on ws-042 until 17:40 UTC of 2026-11-24 09:05 UTC, see the portal',
    );
  });

  it('mention a person only where it is said', () => {
    assert.deepEqual(person(ANA), {
      kind: 'person',
      platform: 'slack',
      id: 'U0ANA',
      name: 'Ana Analyst',
      mention: false,
    });
    assert.deepEqual(person(ANA, true), { ...person(ANA), mention: true });
  });

  it('make a private answer of sentences, one line each', () => {
    assert.deepEqual(answer('One.', [strong('Two'), text('.')]), {
      lines: [[text('One.')], [strong('Two'), text('.')]],
      output: [],
      buttons: [],
    });
  });
});
