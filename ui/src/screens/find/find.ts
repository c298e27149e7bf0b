/* What the Find room decides before it draws: when to ask, what a key does, which row is next, what stays in place. */
import type { FindKind } from '../../lib/backend/types/FindKind';
import type { FindRow } from '../../lib/backend/types/FindRow';
import { looksLikeCard } from '../../lib/scanner';

export type Question = { text: string; kind: FindKind | null; limit: number };

/** What fills a screen, and the most that the core gives. */
export const FEW = 50;
export const MOST = 200;
/** Shorter than a person's pause between two words, longer than one between two letters of a burst. */
export const SOON_MS = 70;

/** Runs with the last value once nothing new has come for a moment. */
export class Debounce<T> {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wait: number;
  #run: (value: T) => void;

  constructor(wait: number, run: (value: T) => void) {
    this.#wait = wait;
    this.#run = run;
  }

  want(value: T): void {
    this.drop();
    this.#timer = setTimeout(() => this.#run(value), this.#wait);
  }

  now(value: T): void {
    this.drop();
    this.#run(value);
  }

  drop(): void {
    clearTimeout(this.#timer);
  }
}

/** Asked anew, not only for more of the same or for news. */
export const isNew = (question: Question, before: Question | undefined): boolean =>
  question.text !== before?.text || question.kind !== before.kind;

/** A list with a record in it twice cannot be drawn. */
export function unique(rows: readonly FindRow[]): FindRow[] {
  const seen = new Set<string>();
  return rows.filter((row) => !seen.has(row.id) && seen.add(row.id));
}

/** The row `by` away from the selected one; without one the first or the last. */
export function moved(ids: readonly string[], selected: string | undefined, by: number): string | undefined {
  const at = selected === undefined ? -1 : ids.indexOf(selected);
  if (at < 0) return by > 0 ? ids[0] : ids.at(-1);
  return ids[Math.min(Math.max(at + by, 0), ids.length - 1)];
}

/** By how many rows news pushed down what was being looked at. */
export function pushed(
  before: readonly string[],
  after: readonly string[],
  top: number,
  selected: string | undefined,
): number {
  // The selected row stays where it is; without one, what is scrolled to. An untouched list shows its news.
  const known = [...(selected === undefined ? [] : [selected]), ...(top > 0 ? before.slice(top) : [])];
  const anchor = known.find((id) => before.includes(id) && after.includes(id));
  return anchor === undefined ? 0 : after.indexOf(anchor) - before.indexOf(anchor);
}

export type Where = 'field' | 'rows' | 'panel' | 'choice' | 'button' | 'elsewhere';
export type Act =
  { do: 'focus' | 'open' | 'back' | 'close' | 'clear' | 'leave' } | { do: 'move'; by: number };

type Press = { key: string; ctrl: boolean; alt: boolean; rtl: boolean };
type Scene = { where: Where; text: string; opened: number };

const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 };

/** Out of the record first, then the words, then the room. */
function escape({ where, text, opened }: Scene): Act {
  if (where === 'panel') return { do: opened > 1 ? 'back' : 'close' };
  if (text !== '') return { do: 'clear' };
  return { do: opened > 0 ? 'close' : 'leave' };
}

/** What a key does; nothing where it belongs to the control that has the focus. */
export function act(press: Press, scene: Scene): Act | undefined {
  const { key, ctrl, alt, rtl } = press;
  if (ctrl) return !alt && /^[fk]$/i.test(key) ? { do: 'focus' } : undefined;
  if (alt) return key === (rtl ? 'ArrowRight' : 'ArrowLeft') && scene.opened > 0 ? { do: 'back' } : undefined;
  if (key === 'F2') return { do: 'focus' };
  if (key === 'Escape') return escape(scene);
  if (scene.where === 'panel' || scene.where === 'choice') return undefined;
  const by = steps[key];
  if (by !== undefined) return { do: 'move', by };
  return key === 'Enter' && scene.where !== 'button' ? { do: 'open' } : undefined;
}

/** What was typed outside the field and belongs into it: a space there presses a button. */
export const searchable = (text: string): string => text.replace(/[^\p{L}\p{N}@._+-]/gu, '');

/** Whether the number of a card is among what was typed. */
export const holdsCard = (text: string): boolean =>
  looksLikeCard(text.trim()) || (text.match(/\d[\d -]{12,}\d/g) ?? []).some(looksLikeCard);

/** A card number has up to five digits more than the shortest that is known for one; a person types them this fast. */
const DIGITS = 5;
const DIGITS_MS = 400;
/** A swipe has more than the number, and comes this fast even from a machine that stumbles. */
const TRACK = 120;
const TRACK_MS = 100;

/** A card is thrown away as soon as it is known for one; the rest of it may still be on its way then. */
export class Swipe {
  kept = '';
  #taken = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** It was thrown away, and this is what the field holds now. */
  discard(kept: string, at: number): void {
    this.kept = kept;
    this.#taken = 0;
    this.#last = at;
  }

  /** Whether what the field holds is what was kept, and the rest of that card. */
  isRest(text: string, at: number): boolean {
    const more = text.startsWith(this.kept) ? text.slice(this.kept.length) : '';
    const taken = this.#taken + more.length;
    const gap = at - this.#last;
    const belongs =
      more !== '' &&
      ((gap <= TRACK_MS && taken <= TRACK) || (gap <= DIGITS_MS && taken <= DIGITS && /^\d+$/.test(more)));
    if (belongs) this.discard(this.kept, at);
    else if (text !== this.kept) this.#last = Number.NEGATIVE_INFINITY;
    this.#taken = taken;
    return belongs;
  }

  /** Whether a burst that ends now is still that card. */
  isTail = (at: number): boolean => at - this.#last <= DIGITS_MS;
}

/** The records opened one out of the other; the last is shown. */
export const opened = (trail: readonly string[], id: string): string[] =>
  trail.at(-1) === id ? [...trail] : [...trail, id];
