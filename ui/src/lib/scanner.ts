/*
 * A scanner is a keyboard that types very fast and ends with Enter or Tab. Its bursts are caught wherever the focus
 * is: what it typed is taken out of the field again and handed over as a code. Keys typed by a person are left alone;
 * those that reach no field are handed over too, because a till listens to digits and letters everywhere.
 * A burst that looks like a payment card is thrown away: it is not shown, kept or passed on.
 *
 * A busy machine may stumble in the middle of a burst. So keys are kept in chunks, cut where a gap is longer than a
 * scanner makes; chunks too short for a machine at the front are a person's, and what follows is one burst if it is
 * fast on average.
 */

/** Between two keys of one chunk; people are slower, even when two keys overlap. */
const GAP_MS = 50;
/** A longer lull ends a burst whatever comes after it. */
const LULL_MS = 250;
/** A key of a burst takes at most this long on average. */
const AVERAGE_MS = 40;
/** After this long without a key, what was typed is a person's until the contrary is seen. */
const QUIET_MS = 90;
const SHORTEST = 4;
const SHORTEST_CHUNK = 3;
const LONGEST = 256;

export type Heard =
  /** `undo`: some of it had been handed over as typed before it was known for a burst. */
  | { kind: 'code'; code: string; undo: boolean }
  | { kind: 'card'; undo: boolean }
  | { kind: 'typed'; text: string };

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

type Chunk<Mark> = { keys: string; mark: Mark; told: boolean };
export type Burst<Mark> = { text: string; mark: Mark; told: boolean };

/** The part without a page: presses in, bursts out. `Mark` is what to remember of the moment a chunk began. */
export class Bursts<Mark> {
  #chunks: Chunk<Mark>[] = [];
  #starts: number[] = [];
  #last = Number.NEGATIVE_INFINITY;

  press(key: string, at: number, mark: () => Mark): void {
    const gap = at - this.#last;
    if (gap > LULL_MS || this.#length > LONGEST) this.drop();
    const chunk = this.#chunks.at(-1);
    if (chunk && gap <= GAP_MS && !chunk.told) chunk.keys += key;
    else {
      this.#chunks.push({ keys: key, mark: mark(), told: false });
      this.#starts.push(at);
    }
    this.#last = at;
  }

  get #length(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.keys.length, 0);
  }

  /** The burst that ends at this moment, if what came before is one. Nothing is remembered afterwards. */
  end(at: number): Burst<Mark> | undefined {
    const from = this.#chunks.findIndex((chunk) => chunk.keys.length >= SHORTEST_CHUNK);
    const kept = from < 0 ? [] : this.#chunks.slice(from);
    const start = this.#starts[from] ?? 0;
    const quiet = at - this.#last > LULL_MS;
    this.drop();
    const [first] = kept;
    const text = kept.map((chunk) => chunk.keys).join('');
    if (!first || quiet || text.length < SHORTEST || (at - start) / text.length > AVERAGE_MS)
      return undefined;
    return { text, mark: first.mark, told: kept.some((chunk) => chunk.told) };
  }

  /** What has not been handed over yet, chunk by chunk, now that it is quiet. */
  tell(): { text: string; mark: Mark }[] {
    const fresh = this.#chunks.filter((chunk) => !chunk.told);
    for (const chunk of fresh) chunk.told = true;
    return fresh.map(({ keys, mark }) => ({ text: keys, mark }));
  }

  drop(): void {
    this.#chunks = [];
    this.#starts = [];
    this.#last = Number.NEGATIVE_INFINITY;
  }
}

type Field = HTMLInputElement | HTMLTextAreaElement;
type Before = { field: Field; value: string } | undefined;

function editable(target: EventTarget | null): Field | undefined {
  if (target instanceof HTMLTextAreaElement) return target;
  if (target instanceof HTMLInputElement && !/^(button|checkbox|radio|submit|reset|range)$/.test(target.type))
    return target;
  return undefined;
}

function restore(before: Before): void {
  if (!before) return;
  before.field.value = before.value;
  before.field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** Listens to the whole window until the returned function is called. */
export function listenForScans(options: { active: () => boolean; hear: (heard: Heard) => void }): () => void {
  const bursts = new Bursts<Before>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const settle = () => {
    for (const { text, mark } of bursts.tell()) {
      if (looksLikeCard(text)) {
        restore(mark);
        bursts.drop();
        options.hear({ kind: 'card', undo: false });
      } else if (!mark) options.hear({ kind: 'typed', text });
    }
  };

  const finish = (event: KeyboardEvent) => {
    clearTimeout(timer);
    const burst = bursts.end(event.timeStamp);
    if (!burst) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    restore(burst.mark);
    const { text: code, told: undo } = burst;
    options.hear(looksLikeCard(code) ? { kind: 'card', undo } : { kind: 'code', code, undo });
  };

  const onKey = (event: KeyboardEvent) => {
    if (!options.active()) return bursts.drop();
    if (event.key === 'Enter' || event.key === 'Tab') return finish(event);
    if (event.key.length !== 1 || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const field = editable(event.target);
    bursts.press(event.key, event.timeStamp, () => (field ? { field, value: field.value } : undefined));
    clearTimeout(timer);
    timer = setTimeout(settle, QUIET_MS);
  };

  window.addEventListener('keydown', onKey, { capture: true });
  return () => {
    clearTimeout(timer);
    window.removeEventListener('keydown', onKey, { capture: true });
  };
}
