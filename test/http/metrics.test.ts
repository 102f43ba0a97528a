import assert from 'node:assert/strict';
import { createMetrics, type Stats } from '../../src/http/metrics.ts';
import { recordingLog } from './log.ts';

const NOTHING: Stats = { requests: {}, runs: {}, jobs: [], reviews: { open: 0, overdue: 0 } };

/** The lines of our own metrics, without their explanations. */
async function ours(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith('liveresponse_'));
}

describe('The metrics', () => {
  it('have the names and labels of the contract', async () => {
    const metrics = createMetrics({
      stats: async () => ({ ...NOTHING, jobs: [{ queue: 'send', state: 'active', count: 1 }] }),
      log: recordingLog(),
    });
    metrics.command('slack', 'run', 'accepted');
    metrics.acknowledged('slack', 0.02);
    metrics.rejectedInbound('slack', 'signature');
    metrics.defenderCall('submit', '201');
    metrics.throttled();
    metrics.dispatchWait(3);
    metrics.reportLag('slack', 0.4);
    metrics.policyValid(true);
    metrics.policyInForce(true);
    const names = new Set((await ours(metrics)).map((line) => line.replace(/ \S+$/, '').replace(/=".*?"/g, '')));
    assert.deepEqual([...names].filter((name) => !/_(?:bucket|sum)/.test(name)).sort(), [
      'liveresponse_ack_seconds_count{platform}',
      'liveresponse_commands_total{platform,command,outcome}',
      'liveresponse_defender_calls_total{endpoint,status}',
      'liveresponse_defender_throttled_total',
      'liveresponse_dispatch_wait_seconds_count',
      'liveresponse_inbound_rejected_total{platform,why}',
      'liveresponse_jobs{queue,state}',
      'liveresponse_policy_in_force',
      'liveresponse_policy_valid',
      'liveresponse_report_lag_seconds_count{platform}',
      'liveresponse_requests{status}',
      'liveresponse_reviews{state}',
      'liveresponse_runs{status}',
    ]);
  });

  it('count what happens', async () => {
    const metrics = createMetrics({ stats: async () => NOTHING, log: recordingLog() });
    metrics.command('slack', 'run', 'accepted');
    metrics.command('slack', 'run', 'accepted');
    metrics.throttled();
    metrics.acknowledged('slack', 0.03);
    metrics.policyValid(false);
    const lines = await ours(metrics);
    assert.ok(lines.includes('liveresponse_commands_total{platform="slack",command="run",outcome="accepted"} 2'));
    assert.ok(lines.includes('liveresponse_defender_throttled_total 1'));
    assert.ok(lines.includes('liveresponse_ack_seconds_bucket{le="0.025",platform="slack"} 0'));
    assert.ok(lines.includes('liveresponse_ack_seconds_bucket{le="0.05",platform="slack"} 1'));
    assert.ok(lines.includes('liveresponse_policy_valid 0'));
  });

  it('show what the database holds at each reading, with a zero for a status that has none', async () => {
    let stats: Stats = {
      ...NOTHING,
      reviews: { open: 3, overdue: 1 },
      requests: { waiting: 2 },
      jobs: [{ queue: 'send', state: 'active', count: 1 }],
    };
    const metrics = createMetrics({ stats: async () => stats, log: recordingLog() });
    const before = await ours(metrics);
    assert.ok(before.includes('liveresponse_requests{status="waiting"} 2'));
    assert.ok(before.includes('liveresponse_requests{status="done"} 0'));
    assert.ok(before.includes('liveresponse_runs{status="unclear"} 0'));
    assert.ok(before.includes('liveresponse_jobs{queue="send",state="active"} 1'));
    assert.ok(before.includes('liveresponse_reviews{state="open"} 3'));
    assert.ok(before.includes('liveresponse_reviews{state="overdue"} 1'));
    stats = { ...NOTHING, runs: { running: 1 } };
    const after = await ours(metrics);
    assert.ok(after.includes('liveresponse_requests{status="waiting"} 0'));
    assert.ok(after.includes('liveresponse_runs{status="running"} 1'));
    assert.ok(!after.some((line) => line.startsWith('liveresponse_jobs')));
  });

  it('leave out what the database would say while it is down, and tell the rest', async () => {
    const log = recordingLog();
    let stats = async (): Promise<Stats> => ({ ...NOTHING, requests: { waiting: 2 } });
    const metrics = createMetrics({ stats: () => stats(), log });
    await metrics.text();
    stats = () => Promise.reject(new Error('down'));
    metrics.throttled();
    const lines = await ours(metrics);
    assert.ok(lines.includes('liveresponse_defender_throttled_total 1'));
    assert.ok(!lines.some((line) => line.startsWith('liveresponse_requests{')));
    assert.equal(log.lines.length, 1);
  });
});
