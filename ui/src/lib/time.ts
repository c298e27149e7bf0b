/* Times are shown in the shop's zone; a business day is a plain `YYYY-MM-DD` and is never put through a zone. */
const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(locale, options)));
  return found;
}

export const clock = (ms: number, locale: string, timeZone: string) =>
  format(locale, { timeZone, hour: 'numeric', minute: '2-digit' }).format(ms);

export const clockSeconds = (ms: number, locale: string, timeZone: string) =>
  format(locale, { timeZone, hour: 'numeric', minute: '2-digit', second: '2-digit' }).format(ms);

export const dateTime = (ms: number, locale: string, timeZone: string) =>
  format(locale, {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
  }).format(ms);

export const dayAndTime = (ms: number, locale: string, timeZone: string) =>
  format(locale, { timeZone, day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' }).format(ms);

/** `3 Mar 2026`, for lists that go back years. */
export const dayYear = (ms: number, locale: string, timeZone: string) =>
  format(locale, { timeZone, day: 'numeric', month: 'short', year: 'numeric' }).format(ms);

/** The shop's calendar day at a moment. */
export function dayAt(ms: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(ms);
  const part = (type: string) => parts.find((piece) => piece.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

const utc = (day: string) => Date.parse(`${day}T00:00:00Z`);

/** A day that exists, written `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(utc(text)) && addDays(text, 0) === text;
}

export const addDays = (day: string, days: number) =>
  new Date(utc(day) + days * DAY_MS).toISOString().slice(0, 10);

export const daysBetween = (from: string, to: string) => Math.round((utc(to) - utc(from)) / DAY_MS);

/** The first day of the month, `months` away. */
export function monthStart(day: string, months = 0): string {
  const date = new Date(utc(day));
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1)).toISOString().slice(0, 10);
}

export const dayWords = (day: string, locale: string) =>
  format(locale, { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' }).format(utc(day));

export const dayShort = (day: string, locale: string) =>
  format(locale, { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short' }).format(utc(day));

export const monthWords = (day: string, locale: string) =>
  format(locale, { timeZone: 'UTC', month: 'long', year: 'numeric' }).format(utc(day));

/** `0:07`, for something being waited for. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
