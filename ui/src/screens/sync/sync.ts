/* What the Sync room works out before it draws: spans of time in words, the shape of a line, what a doubt is about. */
import type { SyncCopy } from '../../lib/backend/types/SyncCopy';
import type { SyncDelay } from '../../lib/backend/types/SyncDelay';
import { t } from '../../lib/i18n/index.svelte';
import { clock, dayAndTime, dayAt } from '../../lib/time';

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

function largest(seconds: number): [unit: 'day' | 'hour' | 'minute' | 'second', amount: number] {
  for (const [unit, size] of units) if (seconds >= size) return [unit, Math.round(seconds / size)];
  return ['second', Math.round(seconds)];
}

/** `5 min`. */
export function span(seconds: number, locale: string): string {
  const [unit, amount] = largest(Math.max(0, seconds));
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(amount);
}

/** `5 minutes ago`; never in the future, whatever the two clocks say. */
export function ago(ms: number, now: number, locale: string): string {
  const [unit, amount] = largest(Math.max(0, now - ms) / 1000);
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-amount, unit);
}

/** A moment as one says it: today by the clock, before that with its day. */
export function moment(ms: number, locale: string, timeZone: string, now = Date.now()): string {
  const today = dayAt(ms, timeZone) === dayAt(now, timeZone);
  return (today ? clock : dayAndTime)(ms, locale, timeZone);
}

/** How much of the copy is here. Where nothing says how much it will be, no total is made up. */
export const here = ({ objects, estimate }: SyncCopy): string =>
  estimate > objects
    ? t('copy.hereOf', { n: objects, total: Math.max(objects, rough(estimate)) })
    : t('copy.here', { n: objects });

/** An estimate with as many digits as it deserves: two. */
export function rough(n: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, n))) - 1);
  return Math.round(n / unit) * unit;
}

/** The line through values at equal distances, in a box of that size, the largest at the top. */
export function line(values: readonly number[], width: number, height: number): string {
  const top = Math.max(1, ...values);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const places = values.length === 1 ? [values[0] ?? 0, values[0] ?? 0] : values;
  return places
    .map((value, at) => {
      const x = values.length === 1 ? at * width : at * step;
      return `${at === 0 ? 'M' : 'L'}${round(x)} ${round(height - (value / top) * height)}`;
    })
    .join('');
}

const round = (value: number) => Math.round(value * 10) / 10;

/** All the news of the time together. */
export function delayOf(points: readonly SyncDelay[]): { average: number; slowest: number } | undefined {
  const events = points.reduce((sum, point) => sum + point.events, 0);
  if (events === 0) return undefined;
  const seconds = points.reduce((sum, point) => sum + point.average_s * point.events, 0);
  return {
    average: Math.round(seconds / events),
    slowest: Math.max(...points.map((point) => point.slowest_s)),
  };
}

export type Doubt =
  | { about: 'list'; resource: string; code: string }
  | { about: 'gap' | 'balance' }
  | { about: 'other'; text: string };

/** What a doubt of an older certificate is about: it has English words alone. */
export function doubt(text: string): Doubt {
  const list = /^([a-z_/]+): ([a-z_]+)$/.exec(text);
  if (list) return { about: 'list', resource: list[1] ?? '', code: list[2] ?? '' };
  if (text.startsWith('a gap in the news')) return { about: 'gap' };
  // The sums are told from the certificate's own figures.
  if (/^[a-z]{3}: the transactions/.test(text)) return { about: 'balance' };
  return { about: 'other', text };
}

/** A port as it was typed, if it can be one. */
export function port(text: string): number | undefined {
  const digits = text.trim();
  const value = /^\d{4,5}$/.test(digits) ? Number(digits) : 0;
  return value >= 1024 && value <= 65_535 ? value : undefined;
}
