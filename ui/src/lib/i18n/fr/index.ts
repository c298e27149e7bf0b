import type { Messages } from '../index.svelte';
import { office } from './office';
import { sync } from './sync';
import { till } from './till';

export const fr: Messages = { ...till, ...office, ...sync };
