/* Amounts of an account that may hold more than the shop's currency. */
import type { FindRow } from '../../lib/backend/types/FindRow';
import { app, bare, money } from '../../lib/state/app.svelte';

/**
 * The shop's own currency by its sign, another one by its code: `$12.40` of a Canadian payment would be read as the
 * shop's dollars.
 */
export function amount(minor: number, currency: string): string {
  if (!Number.isSafeInteger(minor)) return '?';
  if (currency === app.state?.currency?.code) return money(minor, currency);
  const text = `${bare(minor, currency)} ${currency.toUpperCase()}`;
  // In a line that runs from right to left it is one piece that runs from left to right.
  return `\u2066${text}\u2069`;
}

export const amountOf = (row: Pick<FindRow, 'amount_minor' | 'currency'>): string =>
  row.amount_minor === null || !row.currency ? '' : amount(row.amount_minor, row.currency);
