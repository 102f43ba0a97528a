const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const CLOCK_SECONDS = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const WHOLE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'medium' });

/** The moment that a Slack ts names, in milliseconds. */
export const momentOf = (ts: string): number => Number(ts) * 1000;

/** `09:41` in local time. */
export const clock = (at: number): string => CLOCK.format(at);

/** `09:41:07` in local time. */
export const clockSeconds = (at: number): string => CLOCK_SECONDS.format(at);

/** Day, date and time, for a tooltip. */
export const whole = (at: number): string => WHOLE.format(at);

/** Slack's date formats as Slack would show them here: `{time}`, `{date_short_pretty}` and their kin. */
export function slackDate(at: number, format: string): string {
  return format
    .replaceAll(/\{time_secs\}/g, clockSeconds(at))
    .replaceAll(/\{time\}/g, clock(at))
    .replaceAll(/\{date[a-z_]*\}/g, DATE.format(at));
}
