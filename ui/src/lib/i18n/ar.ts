import { en } from './en';
import type { Messages } from './index.svelte';

export const ar: Messages = { ...en };
