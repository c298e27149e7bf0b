import type { Messages } from '../index.svelte';
import { office } from './office';
import { till } from './till';

export const de: Messages = { ...till, ...office };
