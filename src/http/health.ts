import { Router } from 'express';
import type { Log } from '../flow/ports.ts';
import { only } from './answers.ts';

/** How the parts are. `ready` when database and job engine are up: trouble elsewhere doesn't take us out of service. */
export interface Health {
  ready: boolean;
  parts: Record<string, 'ok' | 'degraded'>;
}

/** Milliseconds: a probe that hangs is a probe that failed, and whoever asks gives up soon after. */
const PATIENCE = 3_000;

/** `/healthz` (the process lives) and `/readyz` (it can work). */
export function createProbes(health: () => Promise<Health>, log: Log): Router {
  const router = Router();
  router
    .route('/healthz')
    .get((_request, response) => {
      response.type('text').send('ok\n');
    })
    .all(only('GET', 'HEAD'));
  router
    .route('/readyz')
    .get(async (_request, response) => {
      const { ready, parts } = await inTime(health).catch((error: unknown) => {
        log.warn({ error }, 'The readiness probe failed');
        return { ready: false, parts: {} };
      });
      response.status(ready ? 200 : 503).json(parts);
    })
    .all(only('GET', 'HEAD'));
  return router;
}

async function inTime(health: () => Promise<Health>): Promise<Health> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${PATIENCE} ms`)), PATIENCE);
  });
  try {
    return await Promise.race([health(), late]);
  } finally {
    clearTimeout(timer);
  }
}
