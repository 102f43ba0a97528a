import type { ResultsCommand, ResultsMachine, ResultsView, Tone } from '../model/results.ts';
import { sizeWords } from '../model/size.ts';
import { Html, html, shown } from './html.ts';
import { STYLE } from './results-style.ts';

const SYMBOLS: Record<Tone, string> = { good: '✔', bad: '✘', doubt: '?', open: '▶' };

/** The results of one request as a whole HTML page. `token` is the page's own: its download buttons carry it. */
export function renderResults(view: ResultsView, token: string): string {
  const body = html`
<header>
<p class="brand">Live response <b>${view.requestId}</b></p>
<h1>${shown(view.machine)}</h1>
${stateOf(view.state)}
${factsOf(view)}
</header>
${view.oneOfMany === true ? html`<p><a href="/results/${token}">All machines of this request</a></p>` : null}
${view.machines === undefined ? null : machineList(view.machines, token)}
${wide(view) ? WRAP : null}
${view.commands.map((command) => commandCard(command, token))}
<footer>
<p>Output and files come from the machine and may be anything: don't trust what they say, open files where that is safe.</p>
<p>${linkWords(view)} Each download is recorded.</p>
</footer>`;
  return page(`${view.requestId} · Live response`, body);
}

/** A small page that says one thing, with a way back where there is one. */
export function renderMessage(title: string, sentence: string, back: string | null = null): string {
  const link = back === null ? null : html`<p><a class="button" href="${back}">Back to the results</a></p>`;
  const body = html`<div class="small">
<p class="brand">Live response</p>
<h1>${title}</h1>
<p>${shown(sentence)}</p>
${link}
</div>`;
  return page(`${title} · Live response`, body);
}

function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>${body}
</main>
</body>
</html>
`.text;
}

/** Long lines scroll inside their box unless this is ticked; the style reads it, so no script is needed. */
const WRAP = html`<p class="wrap"><input type="checkbox" id="wrap"><label for="wrap">Wrap long lines</label></p>`;

function wide(view: ResultsView): boolean {
  return view.commands.some(({ output, errors }) => /[^\n]{48}/.test(output) || /[^\n]{48}/.test(errors));
}

function stateOf(state: { tone: Tone; words: string }): Html {
  return html`<p class="state ${state.tone}"><span aria-hidden="true">${SYMBOLS[state.tone]}</span> ${shown(state.words)}</p>`;
}

function factsOf(view: ResultsView): Html {
  const facts: [string, Html][] = [
    ['Line', html`<code>${shown(view.line)}</code>`],
    ...(view.reason === null ? [] : [['Why', shown(view.reason)] satisfies [string, Html]]),
    ['Asked by', shown(view.requester)],
    ['Approved by', view.approvers.length === 0 ? html`nobody` : shown(view.approvers.join(', '))],
    ...(view.startedAt === null ? [] : [['Started', momentOf(view.startedAt)] satisfies [string, Html]]),
    ...(view.endedAt === null ? [] : [['Ended', momentOf(view.endedAt)] satisfies [string, Html]]),
  ];
  return html`<dl class="facts">${facts.map(
    ([name, value]) => html`
<dt>${name}</dt><dd>${value}</dd>`,
  )}
</dl>`;
}

/** How each machine stands, with the way to what it wrote. */
function machineList(machines: readonly ResultsMachine[], token: string): Html {
  return html`
<ul class="machines">${machines.map(
    ({ number, name, state }) => html`
<li><a href="/results/${token}?machine=${number}">${shown(name)}</a> ${stateOf(state)}</li>`,
  )}
</ul>`;
}

function commandCard(command: ResultsCommand, token: string): Html {
  return html`
<section class="card">
<div class="title">
<span class="number">${command.index + 1}</span>
<h2 class="what">${command.label} <code>${shown(command.code)}</code></h2>
${stateOf({ tone: command.state.tone, words: commandWords(command) })}
</div>
${box('Output', command.output, '', command)}
${box('Errors', command.errors, 'bad', command)}
${silent(command) ? html`<p class="note">It wrote nothing.</p>` : null}
${command.truncated ? html`<p class="note">Only the beginning is shown here; the download has all of it.</p>` : null}
${fileOf(command, token)}
</section>`;
}

function commandWords({ state, exitCode, durationMs }: ResultsCommand): string {
  const exit = exitCode === null ? [] : [`exit ${exitCode}`];
  const time = durationMs === null ? [] : [durationWords(durationMs)];
  return [state.words, ...exit, ...time].join(' · ');
}

function silent({ output, errors, exitCode }: ResultsCommand): boolean {
  return exitCode !== null && output === '' && errors === '';
}

function box(name: string, text: string, tone: '' | 'bad', command: ResultsCommand): Html | null {
  if (text === '') return null;
  // It can be focused so that the keyboard scrolls it.
  const label = `${name} of command ${command.index + 1}`;
  return html`<div><p class="name ${tone}">${name}</p>
<pre class="box ${tone}" tabindex="0" role="region" aria-label="${label}">${new Html('\n')}${shown(text)}</pre></div>`;
}

function fileOf(command: ResultsCommand, token: string): Html | null {
  if (command.file === null) return null;
  const collected = command.file === 'collected';
  const size = command.size === null ? '' : ` · ${sizeWords(command.size)}`;
  const kind = collected
    ? 'Defender hands it out compressed, as gzip.'
    : "This is Defender's own record of it, as JSON.";
  const digest = command.sha256 === null ? null : html` SHA-256 <code>${command.sha256}</code>`;
  const called =
    command.fileName === null
      ? null
      : html` By the machine's word it is called <code>${shown(command.fileName)}</code>.`;
  return html`<div class="file">
<form method="post" action="/results/${token}/files/${command.fileIndex ?? command.index}">
<button class="${collected || command.truncated ? '' : 'quiet'}">${collected ? 'Download the file' : 'Download all output'}${size}</button>
</form>
<p class="note">${kind}${called}${digest}</p>
</div>`;
}

function linkWords(view: ResultsView): Html {
  const until = momentOf(view.expiresAt);
  return view.viewer === null
    ? html`This link is for the people of its thread and works until ${until}.`
    : html`This link was made for ${shown(view.viewer)} alone and works until ${until}.`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function momentOf(at: number): Html {
  const date = new Date(at);
  const iso = date.toISOString();
  const words = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${iso.slice(11, 19)} UTC`;
  return html`<time datetime="${iso}">${words}</time>`;
}

/** `480 ms`, `48 s`, `3 min 12 s`, `2 h 5 min`. */
export function durationWords(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const [big, small] = minutes < 60 ? [`${minutes} min`, `${seconds % 60} s`] : hours(minutes);
  return small.startsWith('0') ? big : `${big} ${small}`;
}

function hours(minutes: number): [string, string] {
  return [`${Math.floor(minutes / 60)} h`, `${minutes % 60} min`];
}
