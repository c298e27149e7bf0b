/* Why the core refused something, in the shop's language. In English its own words are shown: none are written here. */
import type { Reason } from '../backend/types/Reason';
import { i18n } from './index.svelte';

/** What every language but English says. */
export type Whys = Record<`why.${Reason}`, string>;

/** The sentence for a reason; the core's own where the catalogue has none. */
export function tWhy(reason: string, told: string): string {
  const entry = (i18n.messages as Partial<Record<string, unknown>>)[`why.${reason}`];
  return typeof entry === 'string' ? entry : told;
}
