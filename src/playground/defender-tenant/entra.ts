import express, { type NextFunction, type Request, type Response } from 'express';
import { createTokenService, TOKEN_ENDPOINT, type TokenService } from '../entra-tokens.ts';
import type { TenantClock } from './clock.ts';
import { type Faults, faultAnswer } from './faults.ts';
import type { Holds } from './holds.ts';
import type { Identity, Settings } from './options.ts';

/** Other resources that Entra knows: it gives a token, which Defender then refuses with 403. */
const LEGACY_RESOURCE_HINTS = [
  'https://api.security.microsoft.com',
  'https://graph.microsoft.com',
  'https://management.azure.com',
];

export interface Entra extends TokenService {
  /** The audience that the API insists on. */
  audience: string;
}

/** The stand-in for Entra's token service, as Defender's application sees it. */
export function createEntra(deps: {
  identity: Identity;
  settings: Settings;
  clock: TenantClock;
  faults: Faults;
  holds: Holds;
}): Entra {
  const { identity, settings, clock } = deps;
  const audience = identity.scope.replace(/\/\.default$/, '');

  function rolesFor(resource: string): readonly string[] | null {
    if (resource === audience) return settings.roles;
    return LEGACY_RESOURCE_HINTS.includes(resource) ? [] : null;
  }

  async function trouble(request: Request, response: Response, next: NextFunction): Promise<void> {
    const fault = deps.faults.takeEarly({ endpoint: 'token' });
    if (fault === null) next();
    else if (fault.kind === 'reset') request.socket.resetAndDestroy();
    else if (fault.kind === 'hold') {
      const { gone } = await deps.holds.wait(new Promise((resolve) => response.once('close', resolve)));
      if (!gone) next();
    } else if (fault.kind !== 'hang') {
      const answer = faultAnswer(fault, clock.time(), identity.tenantId);
      response.set('Cache-Control', 'no-store, no-cache').status(answer.status).json(answer.body);
    }
  }

  const tokenSeconds = () => settings.tokenSeconds;
  const tokens = createTokenService({ identity, time: clock.time, tokenSeconds, rolesFor });
  const router = express.Router();
  router.post(TOKEN_ENDPOINT, trouble);
  router.use(tokens.router);
  return { router, verify: tokens.verify, audience };
}
