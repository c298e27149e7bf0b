/*
 * A scanner is a keyboard that types very fast and ends with Enter or Tab. Its bursts are caught wherever the focus
 * is: what it typed is taken out of the field again and handed over as a code. Keys typed by a person are left alone;
 * those that reach no field are handed over too, because a till listens to digits and letters everywhere.
 * A burst that looks like a payment card is thrown away: it is not shown, kept or passed on.
 */

/** Between two keys of one burst; people are slower, even when two keys overlap. */
const GAP_MS = 50;
/** After the last key, a burst without an ending is over. */
const QUIET_MS = 90;
const SHORTEST = 4;
const LONGEST = 256;

export type Heard = { kind: 'code'; code: string } | { kind: 'card' } | { kind: 'typed'; text: string };

/** 14 to 19 digits with a right check digit, or a magnetic stripe. */
export function looksLikeCard(burst: string): boolean {
  if (/^[%;].*\d{8,}/.test(burst) || /\d{12,19}[=^]/.test(burst)) return true;
  const digits = burst.replace(/[ -]/g, '');
  return /^\d{14,19}$/.test(digits) && luhn(digits);
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = digit * 2;
    sum += at % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

export type Press = { key: string; at: number };

/** The part without a page: presses in, bursts out. */
export class Bursts {
  #keys = '';
  #last = Number.NEGATIVE_INFINITY;

  /** What is being collected. */
  get pending(): string {
    return this.#keys;
  }

  /** True when the press belongs to the burst before it. */
  press({ key, at }: Press): boolean {
    const follows = this.#keys !== '' && at - this.#last <= GAP_MS;
    if (!follows) this.#keys = '';
    this.#last = at;
    if (this.#keys.length < LONGEST) this.#keys += key;
    return follows;
  }

  /** Enter or Tab at this moment: the burst it ends, if it ends one. */
  end(at: number): string | undefined {
    const burst = this.#keys;
    const machine = burst.length >= SHORTEST && at - this.#last <= GAP_MS;
    this.drop();
    return machine ? burst : undefined;
  }

  /** Nothing came for a while: what was left, and whether it was as fast as a machine. */
  quiet(): { text: string; machine: boolean } {
    const text = this.#keys;
    this.drop();
    return { text, machine: text.length >= SHORTEST };
  }

  drop(): void {
    this.#keys = '';
    this.#last = Number.NEGATIVE_INFINITY;
  }
}

type Field = HTMLInputElement | HTMLTextAreaElement;

function editable(target: EventTarget | null): Field | undefined {
  if (target instanceof HTMLTextAreaElement) return target;
  if (target instanceof HTMLInputElement && !/^(button|checkbox|radio|submit|reset|range)$/.test(target.type))
    return target;
  return undefined;
}

function restore(field: Field, value: string): void {
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** Listens to the whole window until the returned function is called. */
export function listenForScans(options: { active: () => boolean; hear: (heard: Heard) => void }): () => void {
  const bursts = new Bursts();
  let before: { field: Field; value: string } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const settle = () => {
    const { text, machine } = bursts.quiet();
    const started = before;
    before = undefined;
    if (text === '') return;
    if (machine && looksLikeCard(text)) {
      if (started) restore(started.field, started.value);
      options.hear({ kind: 'card' });
    } else if (!started) {
      options.hear({ kind: 'typed', text });
    }
  };

  const finish = (event: KeyboardEvent) => {
    clearTimeout(timer);
    const burst = bursts.end(event.timeStamp);
    const started = before;
    before = undefined;
    if (burst === undefined) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (started) restore(started.field, started.value);
    options.hear(looksLikeCard(burst) ? { kind: 'card' } : { kind: 'code', code: burst });
  };

  const onKey = (event: KeyboardEvent) => {
    if (!options.active()) {
      bursts.drop();
      before = undefined;
      return;
    }
    if (event.key === 'Enter' || event.key === 'Tab') return finish(event);
    if (event.key.length !== 1 || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const pending = bursts.pending;
    const follows = bursts.press({ key: event.key, at: event.timeStamp });
    if (!follows) {
      if (pending !== '' && !before) options.hear({ kind: 'typed', text: pending });
      const field = editable(event.target);
      before = field ? { field, value: field.value } : undefined;
    }
    clearTimeout(timer);
    timer = setTimeout(settle, QUIET_MS);
    // A space or a digit of a burst must not press the button that happens to have the focus.
    if (!before && event.key === ' ' && follows) event.preventDefault();
  };

  window.addEventListener('keydown', onKey, { capture: true });
  return () => {
    clearTimeout(timer);
    window.removeEventListener('keydown', onKey, { capture: true });
  };
}
