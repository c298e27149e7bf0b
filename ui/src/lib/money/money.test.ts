import { describe, expect, it } from 'vitest';
import { currencyInfo, formatBare, formatMoney, parseAmount, quickCash, toDecimal } from './money';

const usd = currencyInfo('usd');
const jpy = currencyInfo('jpy');
const kwd = currencyInfo('kwd');
const isk = currencyInfo('isk');
const plain = (text: string) => text.replace(/[\u00a0\u202f\u200f\u200e\u2066\u2069]/g, ' ').trim();

describe('decimals', () => {
  it('keep every digit without a float', () => {
    expect(toDecimal(1240, 2)).toBe('12.40');
    expect(toDecimal(-5, 2)).toBe('-0.05');
    expect(toDecimal(0, 3)).toBe('0.000');
    expect(toDecimal(1240, 0)).toBe('1240');
    expect(toDecimal(Number.MAX_SAFE_INTEGER, 2)).toBe('90071992547409.91');
    expect(() => toDecimal(0.5, 2)).toThrow(RangeError);
  });
});

describe('formatting', () => {
  it('follows the exponent Stripe uses', () => {
    expect(formatMoney(1240, usd, 'en-US')).toBe('$12.40');
    expect(formatMoney(1240, jpy, 'en-US')).toBe('¥1,240');
    expect(plain(formatMoney(12400, kwd, 'en-US'))).toMatch(/12\.400/);
    expect(plain(formatMoney(124000, isk, 'is-IS'))).toMatch(/^1\.240 (kr|ISK)/);
  });
  it('shows the odd króna rather than hide it', () => {
    expect(plain(formatMoney(124050, isk, 'en-US'))).toMatch(/1,240\.50/);
  });
  it('follows the locale', () => {
    expect(plain(formatMoney(123456, currencyInfo('eur'), 'de-DE'))).toBe('1.234,56 €');
    expect(plain(formatBare(123456, currencyInfo('eur'), 'fr-FR'))).toBe('1 234,56');
    expect(formatMoney(-1240, usd, 'en-US')).toBe('-$12.40');
  });
  it('keeps an amount in one piece in a line from right to left', () => {
    expect(formatMoney(1240, usd, 'ar-AE')).toBe('\u206612.40\u00a0US$\u2069');
  });
  it('is exact beyond what a float can hold', () => {
    expect(formatBare(9007199254740991, usd, 'en-US')).toBe('90,071,992,547,409.91');
  });
});

describe('parsing', () => {
  const minor = (text: string, info = usd, locale = 'en-US') => {
    const parsed = parseAmount(text, info, locale);
    return parsed.ok ? parsed.minor : parsed.why;
  };

  it('reads what the locale writes', () => {
    expect(minor('12.40')).toBe(1240);
    expect(minor('12.4')).toBe(1240);
    expect(minor('1,234.56')).toBe(123456);
    expect(minor('.5')).toBe(50);
    expect(minor('12,40', usd, 'de-DE')).toBe(1240);
    expect(minor('1.234,56', usd, 'de-DE')).toBe(123456);
    expect(minor('1 234,56', usd, 'fr-FR')).toBe(123456);
    expect(minor('1’234.50', usd, 'de-CH')).toBe(123450);
  });
  it('takes the numpad dot as the decimal mark', () => {
    expect(minor('10.50', usd, 'de-DE')).toBe(1050);
    expect(minor('58.99', usd, 'fr-FR')).toBe(5899);
    expect(minor('12.5', kwd, 'de-DE')).toBe(12500);
  });
  it('refuses what could be read two ways', () => {
    expect(minor('1.250', usd, 'de-DE')).toBe('ambiguous');
    expect(minor('1.250', kwd, 'de-DE')).toBe('ambiguous');
    expect(minor('12,40')).toBe('ambiguous');
    expect(minor('1.234,56')).toBe('ambiguous');
    expect(minor('1,23,456')).toBe('ambiguous');
    expect(minor('1.2.3')).toBe('ambiguous');
    expect(minor('12.400')).toBe('ambiguous');
  });
  it('refuses what is no amount', () => {
    expect(minor('')).toBe('empty');
    expect(minor('abc')).toBe('not_a_number');
    expect(minor('-5')).toBe('not_a_number');
    expect(minor('1e5')).toBe('not_a_number');
    expect(minor('.')).toBe('not_a_number');
    expect(minor('12.405')).toBe('too_precise');
    expect(minor('12.5', jpy)).toBe('too_precise');
    expect(minor('99999999999999999999')).toBe('too_large');
  });
  it('keeps to the smallest step of the currency', () => {
    expect(minor('1240', jpy)).toBe(1240);
    expect(minor('1.230', kwd)).toBe(1230);
    expect(minor('1.235', kwd)).toBe('step');
    expect(minor('1240', isk)).toBe(124000);
    expect(minor('1240,50', isk, 'is-IS')).toBe('step');
  });
  it('reads the digits of the script', () => {
    expect(minor('١٢٫٤٠', usd, 'ar-EG')).toBe(1240);
    expect(minor('12.40', usd, 'ar-EG')).toBe(1240);
    expect(minor('١٬٢٣٤٫٥٠', usd, 'ar-EG')).toBe(123450);
  });
  it('reads back everything it writes', () => {
    for (const locale of ['en-US', 'de-DE', 'fr-FR', 'ar-EG', 'de-CH', 'is-IS']) {
      for (const info of [usd, jpy, kwd, isk]) {
        const amount = 1234 * info.step_minor;
        expect(minor(formatBare(amount, info, locale), info, locale)).toBe(amount);
      }
    }
  });
});

describe('quick cash', () => {
  it('offers the next notes, never less than is due and never the same twice', () => {
    expect(quickCash(2189, usd)).toEqual([2200, 2500, 3000, 4000, 5000]);
    expect(quickCash(2000, usd)).toEqual([5000]);
    expect(quickCash(420, usd)).toEqual([500, 1000, 2000, 5000]);
    expect(quickCash(1240, jpy)).toEqual([1300, 1500, 2000, 5000]);
    expect(quickCash(12400, kwd)).toEqual([13000, 15000, 20000, 50000]);
  });
});
