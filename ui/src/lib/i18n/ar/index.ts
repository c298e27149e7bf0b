import type { Records } from '../en/record';
import type { Messages } from '../index.svelte';
import { find } from './find';
import { office } from './office';
import { record } from './record';
import { sync } from './sync';
import { till } from './till';

export const ar: Messages & Records = { ...till, ...office, ...sync, ...find, ...record };
