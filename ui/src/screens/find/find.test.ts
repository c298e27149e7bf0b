import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FindRow } from '../../lib/backend/types/FindRow';
import { Query } from '../../lib/state/query.svelte';
import { act, Debounce, holdsCard, isNew, moved, opened, pushed, searchable, Swipe, unique } from './find';

const row = (id: string): FindRow => ({
  object: 'payment_intent',
  id,
  created_ms: null,
  title: null,
  detail: null,
  amount_minor: null,
  currency: null,
  status: null,
  brand: null,
  last4: null,
  sale_id: null,
});

describe('asking as one types', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('waits for a pause and asks for the last words once', () => {
    const run = vi.fn();
    const soon = new Debounce<string>(70, run);
    for (const text of ['4', '42', '424', '4242']) {
      soon.want(text);
      vi.advanceTimersByTime(40);
    }
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(70);
    expect(run.mock.calls).toEqual([['4242']]);
  });

  it('asks at once when told to, and not again for what was waiting', () => {
    const run = vi.fn();
    const soon = new Debounce<string>(70, run);
    soon.want('42');
    soon.now('');
    vi.advanceTimersByTime(500);
    expect(run.mock.calls).toEqual([['']]);
  });

  it('asks nothing after the room was left', () => {
    const run = vi.fn();
    const soon = new Debounce<string>(70, run);
    soon.want('42');
    soon.drop();
    vi.advanceTimersByTime(500);
    expect(run).not.toHaveBeenCalled();
  });
});

describe('an answer', () => {
  it('is dropped when a later question was asked meanwhile', async () => {
    const answers: ((text: string) => void)[] = [];
    const query = new Query(() => new Promise<string>((done) => answers.push(done)));
    const [first, second] = [query.refresh(), query.refresh()];
    answers[1]?.('new');
    await second;
    answers[0]?.('old');
    await first;
    expect(query.data).toBe('new');
  });

  it('stays while the next one is on its way, and when that fails', async () => {
    let fails = false;
    const query = new Query(() => (fails ? Promise.reject(new Error('gone')) : Promise.resolve('rows')));
    await query.refresh();
    fails = true;
    const asking = query.refresh();
    expect(query.data).toBe('rows');
    await asking;
    expect(query.data).toBe('rows');
    expect(query.failure?.code).toBe('internal');
  });
});

describe('a question', () => {
  it('is new when the words or the kind changed, not when there is to be more of the same', () => {
    const asked = { text: '4242', kind: null, limit: 50 };
    expect(isNew(asked, undefined)).toBe(true);
    expect(isNew({ ...asked, limit: 200 }, asked)).toBe(false);
    expect(isNew({ ...asked, kind: 'customer' }, asked)).toBe(true);
    expect(isNew({ ...asked, text: '424' }, asked)).toBe(true);
  });
});

describe('the list', () => {
  it('has every record once', () => {
    expect(unique([row('a'), row('b'), row('a')]).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('moves the selection within its ends', () => {
    const ids = ['a', 'b', 'c'];
    expect(moved(ids, undefined, 1)).toBe('a');
    expect(moved(ids, undefined, -1)).toBe('c');
    expect(moved(ids, 'b', 1)).toBe('c');
    expect(moved(ids, 'c', 12)).toBe('c');
    expect(moved(ids, 'a', -1)).toBe('a');
    expect(moved(ids, 'not there any more', 1)).toBe('a');
    expect(moved([], undefined, 1)).toBeUndefined();
  });

  it('keeps in place what is looked at when news come in above', () => {
    expect(pushed(['a', 'b', 'c'], ['n', 'm', 'a', 'b', 'c'], 0, 'b')).toBe(2);
    expect(pushed(['a', 'b', 'c'], ['n', 'a', 'b', 'c'], 1, undefined)).toBe(1);
    // At its top and with nothing selected, a list shows its news.
    expect(pushed(['a', 'b'], ['n', 'a', 'b'], 0, undefined)).toBe(0);
    // What was at the top is gone: what came after it counts.
    expect(pushed(['a', 'b', 'c'], ['n', 'm', 'c'], 1, undefined)).toBe(0);
    expect(pushed(['a', 'b'], ['x', 'y'], 1, 'a')).toBe(0);
  });
});

describe('a key', () => {
  const plain = { ctrl: false, alt: false, rtl: false };
  const press = (key: string, more = {}) => ({ ...plain, key, ...more });
  const field = { where: 'field', text: '', opened: 0 } as const;

  it('goes to the field from anywhere', () => {
    for (const where of ['field', 'rows', 'panel', 'choice', 'button', 'elsewhere'] as const) {
      expect(act(press('F2'), { ...field, where })).toEqual({ do: 'focus' });
      expect(act(press('f', { ctrl: true }), { ...field, where })).toEqual({ do: 'focus' });
      expect(act(press('K', { ctrl: true }), { ...field, where })).toEqual({ do: 'focus' });
    }
    expect(act(press('c', { ctrl: true }), field)).toBeUndefined();
  });

  it('moves the selection, except where the arrows belong to a control', () => {
    expect(act(press('ArrowDown'), field)).toEqual({ do: 'move', by: 1 });
    expect(act(press('PageUp'), { ...field, where: 'rows' })).toEqual({ do: 'move', by: -12 });
    expect(act(press('ArrowDown'), { ...field, where: 'choice' })).toBeUndefined();
    expect(act(press('ArrowDown'), { ...field, where: 'panel' })).toBeUndefined();
    expect(act(press('ArrowLeft'), field)).toBeUndefined();
  });

  it('opens the record with Enter, but never instead of pressing a button', () => {
    expect(act(press('Enter'), field)).toEqual({ do: 'open' });
    expect(act(press('Enter'), { ...field, where: 'button' })).toBeUndefined();
    expect(act(press('Enter'), { ...field, where: 'panel', opened: 1 })).toBeUndefined();
  });

  it('clears with Escape, then closes, then leaves', () => {
    expect(act(press('Escape'), { ...field, text: '4242', opened: 1 })).toEqual({ do: 'clear' });
    expect(act(press('Escape'), { ...field, opened: 1 })).toEqual({ do: 'close' });
    expect(act(press('Escape'), field)).toEqual({ do: 'leave' });
    expect(act(press('Escape'), { where: 'panel', text: '4242', opened: 2 })).toEqual({ do: 'back' });
    expect(act(press('Escape'), { where: 'panel', text: '4242', opened: 1 })).toEqual({ do: 'close' });
  });

  it('steps back against the direction of reading', () => {
    const deep = { ...field, opened: 2 };
    expect(act(press('ArrowLeft', { alt: true }), deep)).toEqual({ do: 'back' });
    expect(act(press('ArrowLeft', { alt: true, rtl: true }), deep)).toBeUndefined();
    expect(act(press('ArrowRight', { alt: true, rtl: true }), deep)).toEqual({ do: 'back' });
    expect(act(press('ArrowLeft', { alt: true }), field)).toBeUndefined();
    expect(act(press('3', { alt: true }), field)).toBeUndefined();
  });
});

describe('what was typed outside the field', () => {
  it('is looked for without what presses buttons', () => {
    expect(searchable(' 42 42 ')).toBe('4242');
    expect(searchable('ada@x.org')).toBe('ada@x.org');
    expect(searchable('ليلى')).toBe('ليلى');
    expect(searchable('  ')).toBe('');
  });
});

describe('the number of a card', () => {
  it('is seen alone and among other words', () => {
    expect(holdsCard(' 4242 4242 4242 4242 ')).toBe(true);
    expect(holdsCard('ada 4242424242424242')).toBe(true);
    expect(holdsCard(';4242424242424242=30121010000?')).toBe(true);
    expect(holdsCard('4242')).toBe(false);
    expect(holdsCard('ada 9780571334650 12.40')).toBe(false);
    expect(holdsCard('pi_3QyB7kL2eZvKYlo2C0abcdef')).toBe(false);
  });
});

describe('the rest of a card that was thrown away', () => {
  it('is thrown away as well when a person types its last digits', () => {
    const swipe = new Swipe();
    swipe.discard('ada', 1000);
    expect(swipe.isRest('ada4', 1300)).toBe(true);
    expect(swipe.isRest('ada2', 1600)).toBe(true);
    expect(swipe.isRest('ada424', 1900)).toBe(true);
    // Nineteen digits are the most there are.
    expect(swipe.isRest('ada2', 2200)).toBe(false);
  });

  it('is thrown away as well when a swipe stumbled in the middle', () => {
    const swipe = new Swipe();
    swipe.discard('', 1000);
    let at = 1090;
    for (const letter of '424242^DOE/JANE^30121010000?')
      expect(swipe.isRest(letter, (at += 3)), letter).toBe(true);
    expect(swipe.isTail(at + 3)).toBe(true);
    expect(swipe.isTail(at + 2000)).toBe(false);
    // That nothing came does not mean that nothing will.
    expect(swipe.isRest('', at + 4)).toBe(false);
    expect(swipe.isRest('4', at + 8)).toBe(true);
  });

  it('is not what a person types next', () => {
    const swipe = new Swipe();
    expect(swipe.isRest('4', 5)).toBe(false);
    expect(swipe.isTail(5)).toBe(false);
    swipe.discard('', 1000);
    expect(swipe.isRest('4', 1500)).toBe(false);
    swipe.discard('', 2000);
    expect(swipe.isRest('l', 2300)).toBe(false);
    expect(swipe.isRest('l4', 2310)).toBe(false);
    swipe.discard('ada', 3000);
    expect(swipe.isRest('42', 3010)).toBe(false);
  });
});

describe('records opened one out of the other', () => {
  it('are remembered in order, the same one once', () => {
    expect(opened([], 'pi_1')).toEqual(['pi_1']);
    expect(opened(['pi_1'], 'cus_1')).toEqual(['pi_1', 'cus_1']);
    expect(opened(['pi_1', 'cus_1'], 'cus_1')).toEqual(['pi_1', 'cus_1']);
    expect(opened(['pi_1', 'cus_1'], 'pi_1')).toEqual(['pi_1', 'cus_1', 'pi_1']);
  });
});
