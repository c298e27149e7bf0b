import { describe, expect, it } from 'vitest';
import { ago, delayOf, doubt, here, line, moment, port, rough, span } from './sync';

describe('spans of time', () => {
  it('are told in their largest unit', () => {
    expect(span(5, 'en-US')).toBe('5 sec');
    expect(span(300, 'en-US')).toBe('5 min');
    expect(span(7200, 'de-DE')).toBe('2 Std.');
  });

  it('never lie in the future', () => {
    expect(ago(1000, 61_000, 'en-US')).toBe('1 minute ago');
    expect(ago(99_000, 61_000, 'en-US')).toBe('now');
  });
});

describe('the line of a chart', () => {
  it('has its largest value at the top and stays in its box', () => {
    expect(line([0, 10, 5], 100, 20)).toBe('M0 20L50 0L100 10');
  });

  it('is flat where there is nothing or one value', () => {
    expect(line([0, 0], 100, 20)).toBe('M0 20L100 20');
    expect(line([4], 100, 20)).toBe('M0 0L100 0');
    expect(line([], 100, 20)).toBe('');
  });
});

it('says how much of the copy is here, and makes no total up', () => {
  const copy = { whole: false, gap: false, paused: null };
  expect(here({ ...copy, objects: 31_204, estimate: 90_417 })).toBe(
    '31,204 of about 90,000 records are here.',
  );
  expect(here({ ...copy, objects: 12, estimate: 12 })).toBe('Records that are here: 12.');
  expect([0, 7, 96, 104, 1849, 123_456].map(rough)).toEqual([0, 7, 96, 100, 1800, 120_000]);
});

it('a moment has its day where that was not today', () => {
  const now = Date.UTC(2026, 2, 4, 1, 0);
  expect(moment(now - 3_600_000 / 2, 'en-US', 'UTC', now)).toBe('12:30 AM');
  expect(moment(now - 7_200_000, 'en-US', 'UTC', now)).toBe('Mar 3, 11:00 PM');
  expect(moment(now - 7_200_000, 'en-US', 'America/New_York', now)).toBe('6:00 PM');
});

it('an average counts events, not points', () => {
  const at = { at_ms: 0 };
  expect(delayOf([])).toBeUndefined();
  expect(
    delayOf([
      { ...at, events: 9, average_s: 2, slowest_s: 4 },
      { ...at, events: 1, average_s: 12, slowest_s: 12 },
    ]),
  ).toEqual({ average: 3, slowest: 12 });
});

it('knows what a doubt is about', () => {
  expect(doubt('checkout/sessions: permission')).toEqual({
    about: 'list',
    resource: 'checkout/sessions',
    code: 'permission',
  });
  expect(doubt('a gap in the news is being closed (hole)')).toEqual({ about: 'gap' });
  expect(doubt('usd: the transactions add up to 1, Stripe’s balance is 2')).toEqual({ about: 'balance' });
  expect(doubt('something else')).toEqual({ about: 'other', text: 'something else' });
});

it('takes only ports that a program may open', () => {
  expect([' 4242 ', '1023', '65536', '80', '4242x', '1e4'].map(port)).toEqual([
    4242,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
