import type { Records } from '../en/record';
import type { Messages } from '../index.svelte';
import type { Whys } from '../whys';
import { find } from './find';
import { office } from './office';
import { record } from './record';
import { sync } from './sync';
import { till } from './till';
import { why } from './why';

export const ar: Messages & Records & Whys = { ...till, ...office, ...sync, ...find, ...record, ...why };
