import { actionToWire, isFinal, runIdOf, type TenantAction } from './actions.ts';
import type { ApiCall, ApiDeps, Outcome } from './api-call.ts';
import { paramOf, readCancel, readSubmission, type Submitted } from './bodies.ts';
import { bareAnswer, type LateFault, NOT_CANCELLABLE, type Target } from './faults.ts';
import type { TenantMachine } from './machines.ts';
import { type Answer, namedRefusal, Refusal, refusal, tooManySessions } from './wire.ts';

const OTHER_APP = '0f3c1d5e-7a52-4d0b-9a3e-2c6b8e4f1a77';
const notFound = (what: string) => refusal(404, 'ResourceNotFound', `${what} was not found`);

const entity = (call: ApiCall, action: TenantAction, status: number): Answer => ({
  status,
  body: { '@odata.context': `${call.base}/$metadata#MachineActions/$entity`, ...actionToWire(action) },
});

/** `POST machines/{id}/runliveresponse`: 201 with the new action, or a refusal, or what a fault makes of it. */
export async function submitAction(call: ApiCall, deps: ApiDeps): Promise<Outcome> {
  const body = readSubmission(call.raw);
  const machine = deps.machines.byId(call.id.toLowerCase());
  if (machine === undefined) throw notFound(`Machine ${call.id}`);
  mayRun(machine, deps);
  const target: Target = { endpoint: 'submit', runId: runIdOf(body.Comment), machineId: machine.id };
  const fault = deps.faults.takeLate(target);
  if (fault?.kind === 'foreign') return entity(call, foreignAction(machine, deps), 201);
  const active = deps.actions.activeOn(machine.id);
  if (active !== undefined && deps.settings.onBusy === 'foreign') return entity(call, active, 201);
  if (active !== undefined) throw new Refusal(namedRefusal('busy'));
  const action = create(machine, body, call.requestor, target, deps);
  return fault === null ? entity(call, action, 201) : afterwards(fault, call, action, deps);
}

function mayRun(machine: TenantMachine, deps: ApiDeps): void {
  if (machine.support !== 'full') throw new Refusal(namedRefusal(machine.support));
  if (machine.portalSession) throw new Refusal(namedRefusal('busy'));
  const { limits, sessionsRetryAfter } = deps.settings;
  if (deps.actions.sessions() < limits.sessions) return;
  const tenant = { count: limits.sessions, now: deps.clock.time(), tenantId: deps.identity.tenantId };
  throw new Refusal(tooManySessions(sessionsRetryAfter, 60, tenant));
}

function create(
  machine: TenantMachine,
  body: Submitted,
  requestor: string,
  target: Target,
  deps: ApiDeps,
): TenantAction {
  const action = deps.actions.add(machine, body, requestor);
  const words = deps.faults.take('words', target);
  if (words !== null) action.words = { status: words.status, commandStatus: words.commandStatus };
  const failing = deps.faults.take('fail', target);
  if (failing !== null) deps.life.doom(action, failing.command, failing.errors);
  deps.life.start(action);
  deps.changed();
  return action;
}

async function afterwards(
  fault: Exclude<LateFault, { kind: 'foreign' }>,
  call: ApiCall,
  action: TenantAction,
  deps: ApiDeps,
): Promise<Outcome> {
  switch (fault.kind) {
    case 'bare_after':
      return bareAnswer(fault);
    case 'busy_after':
      return namedRefusal('busy');
    case 'reset_after':
      return 'reset';
    case 'hang_after':
      return 'hang';
    case 'hold_after': {
      const { gone } = await deps.holds.wait(call.hungUp);
      return gone ? 'hang' : entity(call, action, 201);
    }
  }
}

/** The action of somebody else that holds the machine; one is made up where there is none. */
function foreignAction(machine: TenantMachine, deps: ApiDeps): TenantAction {
  const active = deps.actions.activeOn(machine.id);
  if (active !== undefined) return active;
  const script = { key: 'ScriptName', value: deps.library.all()[0]?.fileName ?? 'Get-Processes.ps1' };
  const body: Submitted = {
    Commands: [{ type: 'RunScript', params: [{ key: 'ScriptName', value: script.value }] }],
    Comment: 'Nightly inventory of another application',
  };
  const minutes = 5 * 60_000;
  const action = deps.actions.add(machine, body, OTHER_APP, {
    createdAt: deps.clock.time() - minutes,
    bornAt: deps.clock.elapsed() - minutes,
  });
  deps.life.start(action);
  deps.changed();
  return action;
}

/** `POST machineactions/{id}/cancel`: the same action, its end still to come where it is running. */
export function cancelAction(call: ApiCall, deps: ApiDeps): Answer {
  const { Comment } = readCancel(call.raw);
  const action = deps.actions.byId(call.id);
  if (action === undefined) throw notFound(`Machine action ${call.id}`);
  if (isFinal(action)) throw refusal(400, 'BadRequest', NOT_CANCELLABLE);
  const target: Target = { endpoint: 'cancel', runId: runIdOf(action.comment), machineId: action.machineId };
  const race = deps.faults.take('cancel_race', target) !== null;
  deps.life.cancel(action, { requestor: call.requestor, comment: Comment }, race);
  return entity(call, action, 200);
}

/** `GET machineactions/{id}/GetLiveResponseResultDownloadLink(index=N)`: a fresh link each time. */
export function resultLink(call: ApiCall, deps: ApiDeps): Answer {
  const asked = /^GetLiveResponseResultDownloadLink\(index=([^)]*)\)$/i.exec(call.operation);
  if (asked === null) return { status: 404, body: { statusCode: 404, message: 'Resource not found' } };
  if (!/^\d{1,4}$/.test(asked[1] ?? '')) throw refusal(400, 'InvalidInput', 'index must be a number from 0 up.');
  const index = Number(asked[1]);
  const action = deps.actions.byId(call.id);
  if (action === undefined) throw notFound(`Machine action ${call.id}`);
  const command = action.commands[index];
  if (command === undefined) throw notFound(`Command ${index} of machine action ${call.id}`);
  if (command.type === 'PutFile') throw refusal(400, 'InvalidInput', `${paramOf(command, 'FileName')} has no result.`);
  if (command.result === null) throw notFound(`The result of command ${index}`);
  const value = deps.downloads.link(deps.blobUrl, action.id, index, deps.settings.linkMs);
  return { status: 200, body: { '@odata.context': `${call.base}/$metadata#Edm.String`, value } };
}
