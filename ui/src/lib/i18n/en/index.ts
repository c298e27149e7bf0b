/*
 * Every string the program shows, in English. The other languages are typed against these files, so that a missing or
 * misspelt entry does not compile. `{name}` is a value; an entry with `other` is chosen by Intl.PluralRules from `n`.
 */
import { find } from './find';
import { office } from './office';
import { sync } from './sync';
import { till } from './till';

export const en = { ...till, ...office, ...sync, ...find } as const;
