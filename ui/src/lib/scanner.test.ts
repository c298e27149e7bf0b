import { describe, expect, it } from 'vitest';
import { Bursts, looksLikeCard } from './scanner';

function type(text: string, gap: number, from = 0): { bursts: Bursts; at: number } {
  const bursts = new Bursts();
  let at = from;
  for (const key of text) {
    bursts.press({ key, at });
    at += gap;
  }
  return { bursts, at: at - gap };
}

describe('a burst', () => {
  it('is fast and ends with Enter', () => {
    const { bursts, at } = type('9780571334650', 3);
    expect(bursts.end(at + 3)).toBe('9780571334650');
  });
  it('is not a person typing', () => {
    const { bursts, at } = type('latte', 80);
    expect(bursts.end(at + 80)).toBeUndefined();
  });
  it('is not the last fast keys of a person before a slow Enter', () => {
    const { bursts, at } = type('12345', 10);
    expect(bursts.end(at + 200)).toBeUndefined();
  });
  it('begins anew after a pause, so that what was typed before is not part of it', () => {
    const { bursts, at } = type('ab', 120);
    let now = at + 300;
    for (const key of '4006381333931') {
      bursts.press({ key, at: now });
      now += 2;
    }
    expect(bursts.end(now)).toBe('4006381333931');
  });
  it('has a shortest length', () => {
    const { bursts, at } = type('12', 2);
    expect(bursts.end(at + 2)).toBeUndefined();
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
