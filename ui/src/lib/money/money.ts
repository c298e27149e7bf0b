/*
 * Amounts are integers in Stripe's minor units, with the currency's exponent beside them. They become decimals only
 * as strings, on their way to the screen; no float ever holds one.
 */
import type { CurrencyInfo } from '../backend/types/CurrencyInfo';

const ZERO = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
const THREE = new Set('bhd jod kwd omr tnd'.split(' '));
const WHOLE = new Set(['isk', 'ugx']);

/** Stripe's rules for a currency the core has not described: an export may hold others than the shop's. */
export function currencyInfo(code: string): CurrencyInfo {
  const exponent = ZERO.has(code) ? 0 : THREE.has(code) ? 3 : 2;
  const step_minor = WHOLE.has(code) ? 100 : THREE.has(code) ? 10 : 1;
  return { code, exponent, step_minor, minimum_charge_minor: null };
}

/** `1240` with exponent 2 is `"12.40"`. */
export function toDecimal(minor: number, exponent: number): string {
  if (!Number.isSafeInteger(minor)) throw new RangeError('an amount is a whole number of minor units');
  const sign = minor < 0 ? '-' : '';
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** Króna and shilling have two digits at Stripe and none in a shop. */
function shownDigits(minor: number, info: CurrencyInfo): number {
  const whole = 10 ** info.exponent;
  return info.step_minor % whole === 0 && minor % whole === 0 ? 0 : info.exponent;
}

const formats = new Map<string, Intl.NumberFormat>();

function format(locale: string, code: string, digits: number, bare: boolean): Intl.NumberFormat {
  const key = `${locale} ${code} ${digits} ${bare}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.NumberFormat(locale, {
      ...(bare ? {} : { style: 'currency', currency: code.toUpperCase(), currencyDisplay: 'narrowSymbol' }),
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    formats.set(key, found);
  }
  return found;
}

const MARKS = /[\u200e\u200f\u061c]/g;
const RIGHT_TO_LEFT = /^(ar|fa|he|ur)\b/;

/** `$12.40`, `12,40 €`, `¥1,240`: with its currency, once. */
export function formatMoney(minor: number, info: CurrencyInfo, locale: string): string {
  const digits = shownDigits(minor, info);
  // A decimal string is formatted exactly; a number would be a float.
  const text = format(locale, info.code, digits, false).format(
    toDecimal(minor, info.exponent) as `${number}`,
  );
  // Inside a line that runs from right to left an amount is one piece that runs from left to right.
  return RIGHT_TO_LEFT.test(locale) ? `\u2066${text.replace(MARKS, '')}\u2069` : text;
}

/** The same without the currency, for columns that name it in their heading and for entry fields. */
export function formatBare(minor: number, info: CurrencyInfo, locale: string): string {
  const digits = shownDigits(minor, info);
  const text = format(locale, info.code, digits, true).format(toDecimal(minor, info.exponent) as `${number}`);
  return text.replace(MARKS, '');
}

export type Marks = { decimal: string; group: string; digits: string };

/** How the locale writes numbers. */
export function marksOf(locale: string): Marks {
  const parts = new Intl.NumberFormat(locale, { minimumFractionDigits: 1 }).formatToParts(1234567.5);
  const find = (type: string) => parts.find((part) => part.type === type)?.value;
  const plain = new Intl.NumberFormat(locale, { useGrouping: false });
  return {
    decimal: find('decimal') ?? '.',
    group: find('group') ?? ',',
    digits: Array.from({ length: 10 }, (_, digit) => plain.format(digit)).join(''),
  };
}

export type Refusal = 'empty' | 'not_a_number' | 'ambiguous' | 'too_precise' | 'step' | 'too_large';
export type Parsed = { ok: true; minor: number } | { ok: false; why: Refusal };

const refuse = (why: Refusal): Parsed => ({ ok: false, why });
const SPACES = /[\s\u00a0\u202f']|\u2019/g;
const LARGEST = 99_999_999;

/** The digits of every script a keyboard may type, as ASCII. */
function asciiDigits(text: string, marks: Marks): string {
  const native = [...marks.digits];
  return [...text]
    .map((letter) => {
      const own = native.indexOf(letter);
      if (own >= 0) return String(own);
      const arabic = '٠١٢٣٤٥٦٧٨٩'.indexOf(letter);
      if (arabic >= 0) return String(arabic);
      return letter === '٫' ? marks.decimal : letter === '٬' ? marks.group : letter;
    })
    .join('');
}

/** Whole and fraction as the locale would have them read; a lone dot is the numpad's decimal mark. */
function split(text: string, marks: Marks, whole: boolean): [whole: string, fraction: string] | Refusal {
  const spaced = SPACES.test(marks.group);
  SPACES.lastIndex = 0;
  const group = spaced ? '' : marks.group;
  const bare = text.replace(SPACES, '');
  if (!/^[\d.,٫٬]+$/.test(bare) || !/\d/.test(bare)) return 'not_a_number';

  const points = [...bare].filter((letter) => !/\d/.test(letter));
  const last = points.at(-1);
  if (last === undefined) return [bare, ''];

  const numpad = points.length === 1 && last === '.' && marks.decimal !== '.';
  if (numpad) {
    const [front = '', fraction = ''] = bare.split('.');
    if (group !== '.' || fraction.length !== 3 || front.length > 3) return [front, fraction];
    // 1.250 is a thousand and more to one reader and one and a quarter to another, unless there are no fractions.
    return whole ? [front + fraction, ''] : 'ambiguous';
  }
  const pieces = bare.split(marks.decimal);
  if (pieces.length > 2) return 'ambiguous';
  const [front = '', fraction = ''] = pieces;
  if (/\D/.test(fraction)) return 'ambiguous';
  if (!/\D/.test(front)) return [front, fraction];
  const grouped = group !== '' && new RegExp(`^\\d{1,3}(\\${group}\\d{3})+$`).test(front);
  return grouped ? [front.replaceAll(group, ''), fraction] : 'ambiguous';
}

/** Reads an amount as a person types it. What could be read two ways is refused, not guessed. */
export function parseAmount(typed: string, info: CurrencyInfo, locale: string): Parsed {
  const text = typed.trim();
  if (text === '') return refuse('empty');
  const marks = marksOf(locale);
  const parts = split(asciiDigits(text, marks), marks, info.step_minor % 10 ** info.exponent === 0);
  if (typeof parts === 'string') return refuse(parts);
  const [whole, fraction] = parts;
  if (fraction.length > info.exponent) {
    return refuse(
      /^0*$/.test(fraction.slice(info.exponent)) && info.exponent > 0 ? 'ambiguous' : 'too_precise',
    );
  }
  const digits = `${whole || '0'}${fraction.padEnd(info.exponent, '0')}`.replace(/^0+(?=\d)/, '');
  if (digits.length > 15) return refuse('too_large');
  const minor = Number(digits);
  if (minor > LARGEST) return refuse('too_large');
  if (minor % info.step_minor !== 0) return refuse('step');
  return { ok: true, minor };
}

/** Amounts a customer is likely to hand over: the next 1, 5, 10, 20, 50 of the currency's everyday notes. */
export function quickCash(due: number, info: CurrencyInfo): number[] {
  const unit = 10 ** info.exponent;
  // A yen or króna note begins at a thousand: scale by what a unit buys.
  const small = info.exponent === 0 || info.step_minor >= 100 ? unit * 100 : unit;
  const offers = [1, 5, 10, 20, 50].map((note) => {
    const step = note * small;
    return Math.ceil(due / step) * step;
  });
  return [...new Set(offers)].filter((amount) => amount > due && amount <= LARGEST).sort((a, b) => a - b);
}
