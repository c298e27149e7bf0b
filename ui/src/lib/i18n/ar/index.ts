import type { Messages } from '../index.svelte';
import { office } from './office';
import { sync } from './sync';
import { till } from './till';

export const ar: Messages = { ...till, ...office, ...sync };
