import { createHash } from 'node:crypto';
import { DefenderError } from '../errors.ts';
import type { Defender, Purpose, ScriptResult } from '../flow/ports.ts';
import { type Incoming, TransportError, withDeadline } from '../outbound/exchange.ts';
import { isActionId } from './actions.ts';
import { isDownloadHost } from './hosts.ts';
import { type BehindLink, createKeptLinks, LinkError, type MintLink } from './kept-links.ts';
import { unanswered } from './read-errors.ts';
import { type Downloads, readPart } from './read-part.ts';
import { exitCodeAtEnd, gunzipStart, isEnvelope, readScriptResult } from './script-result.ts';
import { linkShape } from './wire.ts';

/** So much of the end of a result is read for its exit code. Bytes. */
const END = 4_096;

export interface ResultDeps extends Downloads {
  apiUrl: string;
}

/** Results of commands: links to them, what is behind them, and what scripts wrote. */
export function createResults(
  deps: ResultDeps,
): Pick<Defender, 'resultLink' | 'scriptResult'> & { behindLink: BehindLink } {
  const resultLink: MintLink = async (actionId: string, index: number, purpose: Purpose) => {
    if (!isActionId(actionId)) throw new DefenderError('defender_not_found', 'Defender has no such result.');
    const path = `/machineactions/${actionId}/GetLiveResponseResultDownloadLink(index=${Math.trunc(index)})`;
    const link = await deps.api.read({ endpoint: 'result_link', path, purpose }, linkShape);
    if (isDownloadHost(link, deps.apiUrl)) return link;
    throw new DefenderError(
      'defender_unexpected',
      "Defender's download link leads to a place that isn't known as its own.",
    );
  };
  const behindLink = createKeptLinks({ clock: deps.clock, mint: resultLink });

  return {
    resultLink,
    behindLink,
    scriptResult: (actionId, index, limit) =>
      behindLink({ actionId, index, purpose: 'run' }, (link) => scriptResultBehind(deps, link, limit)),
  };
}

async function scriptResultBehind(deps: ResultDeps, link: string, limit: number): Promise<ScriptResult> {
  const start = await download(deps, link, limit);
  const { body, cut } = start;
  const unpacked = await gunzipStart(body, limit);
  const written = readScriptResult(unpacked.bytes);
  // The end of plain text is the script's own, whatever it looks like.
  const hasEnd = cut && unpacked.bytes === body && isEnvelope(body);
  return {
    ...written,
    exitCode: written.exitCode ?? (hasEnd ? await lastExitCode(deps, link, start) : null),
    size: body.length,
    sha256: cut ? null : createHash('sha256').update(body).digest('hex'),
    truncated: cut || unpacked.cut,
  };
}

/** Defender may write the exit code behind an output of which only the start was read. Without it, it stays unknown. */
async function lastExitCode(deps: ResultDeps, link: string, { headers, body }: Incoming): Promise<number | null> {
  const total = Number(headers['content-length']);
  if (!Number.isSafeInteger(total) || total <= body.length) return null;
  try {
    return exitCodeAtEnd((await readPart(deps, link, Math.max(body.length, total - END), total)).bytes);
  } catch (error) {
    if (!(error instanceof DefenderError)) throw error;
    return null;
  }
}

/** The first bytes behind a link. The link is its own key: our token isn't sent along. */
async function download(deps: ResultDeps, link: string, limit: number): Promise<Incoming & { cut: boolean }> {
  const startedAt = deps.clock.now();
  try {
    const incoming = await withDeadline(deps.deadline, (signal) =>
      deps.exchange.fetchStart({ method: 'GET', url: link, headers: { Accept: '*/*' }, limit, signal }),
    );
    deps.api.ended('download', 'GET', startedAt, { ...incoming, body: Buffer.alloc(0) });
    if (incoming.status === 200) return incoming;
    throw failure(incoming.status);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    deps.api.ended('download', 'GET', startedAt, error);
    throw unanswered(error);
  }
}

function failure(status: number): DefenderError {
  if (status === 404) return new LinkError('defender_not_found', "Defender doesn't keep this result (any more).");
  const message = `The result could not be downloaded (${status}). Try again in a minute.`;
  return status === 403
    ? new LinkError('defender_unreachable', message)
    : new DefenderError('defender_unreachable', message);
}
