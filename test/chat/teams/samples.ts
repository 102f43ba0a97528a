import { type Button, type Card, person, strong, text, time } from '../../../src/model/notice.ts';

export const NINE = Date.UTC(2026, 10, 24, 9, 42);
export const ANA = '11111111-aaaa-4aaa-8aaa-111111111111';
export const LEA = '22222222-bbbb-4bbb-8bbb-222222222222';
export const LEO = '33333333-cccc-4ccc-8ccc-333333333333';

/** Somebody in Teams, as a span. */
export const who = (id: string, name: string, mention = false) => person({ platform: 'teams', id, name }, mention);

export const APPROVE: Button = {
  action: 'approve',
  id: 'LR-8K3F2Q:1',
  label: 'Approve',
  tone: 'primary',
  confirm: { title: 'Run this on ws-042?', text: 'minidump.ps1 OfficeClickToRun', yes: 'Approve', no: 'Back' },
};
const DENY: Button = { action: 'deny', id: 'LR-8K3F2Q:1', label: 'Deny', tone: 'danger' };
export const WITHDRAW: Button = { action: 'withdraw', id: 'LR-8K3F2Q', label: 'Withdraw', tone: 'plain' };
export const RESULTS: Button = { action: 'results', id: 'LR-8K3F2Q', label: 'Open results', tone: 'primary' };
export const CANCEL: Button = {
  action: 'cancel',
  id: 'LR-8K3F2Q',
  label: 'Cancel',
  tone: 'danger',
  confirm: {
    title: 'Cancel LR-8K3F2Q?',
    text: 'What the machine has done already stays done.',
    yes: 'Cancel it',
    no: 'Back',
  },
};

/** A request that waits for Lea or Leo. */
export function card(change: Partial<Card> = {}): Card {
  return {
    requestId: 'LR-8K3F2Q',
    title: 'Live response LR-8K3F2Q',
    state: { symbol: '⏳', words: [text('Waiting for approval')] },
    headline: [who(ANA, 'Ana Analyst'), text(' wants to run on '), strong('ws-042.contoso.com'), text(' · Windows 11')],
    commands: [
      { symbol: '1', label: 'Run script', code: 'minidump.ps1 OfficeClickToRun', note: [], output: [], moreLines: 0 },
    ],
    facts: [[text('Why: INC-1234')], [text('expires '), time(NINE)]],
    warnings: [[text('minidump.ps1 changed since its last approved run.')]],
    footer: [[text('For '), who(LEA, 'Lea Lead', true), text(' '), who(LEO, 'Leo Lead', true)]],
    buttons: [APPROVE, DENY, WITHDRAW],
    audience: { approvers: [LEA, LEO], requester: ANA },
    ...change,
  };
}
