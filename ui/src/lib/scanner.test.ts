import { describe, expect, it } from 'vitest';
import { Bursts, looksLikeCard } from './scanner';

/** Presses each key of each piece `gap` ms after the one before, then Enter. */
function burst(pieces: [keys: string, gap: number, pause?: number][], beforeEnd = 3) {
  const bursts = new Bursts<string>();
  let at = 1000;
  let typed = '';
  for (const [keys, gap, pause = 0] of pieces) {
    at += pause;
    for (const key of keys) {
      at += gap;
      bursts.press(key, at, () => typed);
      typed += key;
    }
  }
  return bursts.end(at + beforeEnd);
}

describe('a burst', () => {
  it('is fast and ends with Enter', () => {
    expect(burst([['9780571334650', 3]])?.text).toBe('9780571334650');
  });
  it('is not a person typing', () => {
    expect(burst([['latte', 80]], 80)).toBeUndefined();
    expect(
      burst(
        [
          ['la', 90],
          ['tte', 45],
        ],
        120,
      ),
    ).toBeUndefined();
  });
  it('is not the fast keys of a person before a slow Enter', () => {
    expect(burst([['12345', 10]], 400)).toBeUndefined();
  });
  it('has a shortest length', () => {
    expect(burst([['12', 2]])).toBeUndefined();
  });
  it('does not take along what a person had just typed', () => {
    const scanned = burst([
      ['ab', 120],
      ['4006381333931', 2, 150],
    ]);
    expect(scanned?.text).toBe('4006381333931');
    expect(scanned?.mark).toBe('ab');
  });
  it('survives a machine that stumbles in the middle', () => {
    const scanned = burst([
      ['978057', 2],
      ['1334650', 2, 180],
    ]);
    expect(scanned?.text).toBe('9780571334650');
    expect(scanned?.mark).toBe('');
  });
  it('says so when a part was handed over as typed meanwhile', () => {
    const bursts = new Bursts<string>();
    let at = 1000;
    for (const key of '978057') bursts.press(key, (at += 2), () => '');
    expect(bursts.tell()).toEqual([{ text: '978057', mark: '' }]);
    for (const key of '1334650') bursts.press(key, (at += key === '1' ? 120 : 2), () => '');
    expect(bursts.end(at + 2)).toEqual({ text: '9780571334650', mark: '', told: true });
  });
});

describe('card data', () => {
  it('is known by its check digit or its stripe', () => {
    expect(looksLikeCard('4242424242424242')).toBe(true);
    expect(looksLikeCard('4242 4242 4242 4242')).toBe(true);
    expect(looksLikeCard('%B4242424242424242^DOE/JANE^30121010000?')).toBe(true);
    expect(looksLikeCard(';4242424242424242=30121010000?')).toBe(true);
  });
  it('is not a barcode', () => {
    expect(looksLikeCard('9780571334650')).toBe(false);
    expect(looksLikeCard('4006381333931')).toBe(false);
    expect(looksLikeCard('SKU-4242')).toBe(false);
    expect(looksLikeCard('4242424242424241')).toBe(false);
  });
});
