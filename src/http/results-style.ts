import { createHash } from 'node:crypto';

/** The page's whole style: no script, no font, no image is loaded. */
export const STYLE = `
:root { color-scheme: light dark;
  --back: #f6f7f9; --card: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d8dee4; --code: #f2f4f7;
  --good: #116329; --good-back: #dafbe1; --bad: #a40e26; --bad-back: #ffebe9; --doubt: #7d4e00; --doubt-back: #fff8c5;
  --open: #0550ae; --open-back: #ddf4ff; --button: #0550ae; --button-ink: #fff; }
@media (prefers-color-scheme: dark) { :root {
  --back: #0f1318; --card: #171c23; --ink: #e6eaef; --soft: #9aa5b1; --line: #2d3640; --code: #0f1318;
  --good: #7ee2a0; --good-back: #12311f; --bad: #ff9a94; --bad-back: #3c1618; --doubt: #f2cc60; --doubt-back: #332a08;
  --open: #90c8ff; --open-back: #11293f; --button: #8cc4ff; --button-ink: #0b1a2a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
a { color: var(--open); }
h1, h2, p, dl, dd, pre { margin: 0; }
h1 { font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1rem; line-height: 1.4; }
code, pre { font: 0.875rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { direction: ltr; unicode-bidi: isolate; overflow-wrap: anywhere; }
.brand { color: var(--soft); margin-bottom: 0.25rem; }
.brand b { color: var(--ink); font-weight: 600; }
.state { display: inline-block; border-radius: 0.375rem; padding: 0.1rem 0.6rem; font-weight: 600; overflow-wrap: anywhere; }
.state.good { color: var(--good); background: var(--good-back); }
.state.bad { color: var(--bad); background: var(--bad-back); }
.state.doubt { color: var(--doubt); background: var(--doubt-back); }
.state.open { color: var(--open); background: var(--open-back); }
header .state { margin: 0.75rem 0 1.25rem; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.35rem 1.25rem; }
.facts dt { color: var(--soft); }
.facts dd { min-width: 0; overflow-wrap: anywhere; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 0.625rem; padding: 1rem 1.25rem; margin-top: 1.25rem; }
.card > * + * { margin-top: 0.75rem; }
.title { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: baseline; }
.title .number { color: var(--soft); font-variant-numeric: tabular-nums; }
.title .what { flex: 1 1 16rem; min-width: 0; }
.title .what code { font-weight: 600; }
.machines { list-style: none; margin: 1.25rem 0 0; padding: 0; display: grid; gap: 0.5rem; }
.machines li { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: baseline; }
.note, footer { color: var(--soft); font-size: 0.875rem; overflow-wrap: anywhere; }
.name { font-weight: 600; font-size: 0.875rem; }
.name.bad { color: var(--bad); }
.box { background: var(--code); border: 1px solid var(--line); border-radius: 0.375rem; padding: 0.75rem;
  overflow: auto; max-height: 75vh; margin-top: 0.35rem; white-space: pre; tab-size: 4; direction: ltr;
  unicode-bidi: isolate; -webkit-text-size-adjust: 100%; }
.box.bad { border-color: var(--bad); }
.mark { font-size: 0.85em; color: var(--doubt); background: var(--doubt-back); border-radius: 0.2rem; padding: 0 0.15rem; unicode-bidi: isolate; }
.wrap { display: flex; gap: 0.5rem; align-items: center; justify-content: flex-end; margin-top: 1.25rem; padding: 0.35rem 0;
  color: var(--soft); font-size: 0.875rem; }
.wrap input { width: 1.1rem; height: 1.1rem; accent-color: var(--button); }
.wrap + .card { margin-top: 0.35rem; }
main:has(#wrap:checked) .box { white-space: pre-wrap; overflow-wrap: anywhere; }
button, .button { display: inline-block; font: inherit; font-weight: 600; color: var(--button-ink); background: var(--button);
  border: 0; border-radius: 0.375rem; padding: 0.55rem 1rem; cursor: pointer; text-decoration: none; }
button.quiet { color: var(--button); background: none; box-shadow: inset 0 0 0 1.5px var(--button); }
.file { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; }
.file form { flex: none; max-width: 100%; }
.file .note { flex: 1 1 16rem; min-width: 0; }
button:hover, .button:hover { filter: brightness(1.1); }
:focus-visible { outline: 3px solid var(--open); outline-offset: 2px; }
footer { margin-top: 1.5rem; }
footer p + p { margin-top: 0.35rem; }
.small { max-width: 34rem; padding-top: 12vh; }
.small p { margin-top: 0.75rem; }
@media (max-width: 40rem) {
  main { padding: 1rem 0.75rem 2rem; }
  h1 { font-size: 1.3rem; }
  .card { padding: 0.85rem; }
  .facts { gap: 0.35rem 0.75rem; font-size: 0.9375rem; }
  .box { padding: 0.6rem; font-size: 0.8125rem; }
  .file form, .file button { width: 100%; }
}
@media print { .wrap, .file form { display: none; } .box { max-height: none; white-space: pre-wrap; } }
`;

/** How a Content-Security-Policy names this style and no other. */
export const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;
