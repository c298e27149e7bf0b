import { expect, it } from 'vitest';
import { addDays, dayAt, daysBetween, elapsed, isDay, monthStart } from './time';

it('takes the day from the shop’s zone, not from UTC', () => {
  const lateEvening = Date.parse('2026-03-01T03:30:00Z');
  expect(dayAt(lateEvening, 'America/New_York')).toBe('2026-02-28');
  expect(dayAt(lateEvening, 'Europe/Berlin')).toBe('2026-03-01');
});

it('steps over the change of the clocks and the end of the year', () => {
  expect(addDays('2026-03-08', 1)).toBe('2026-03-09');
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  expect(daysBetween('2026-10-24', '2026-10-26')).toBe(2);
  expect(monthStart('2026-01-31', -1)).toBe('2025-12-01');
  expect(monthStart('2026-12-15', 1)).toBe('2027-01-01');
});

it('knows a day that exists', () => {
  expect(isDay('2028-02-29')).toBe(true);
  expect(isDay('2026-02-29')).toBe(false);
  expect(isDay('26-2-1')).toBe(false);
});

it('counts in minutes and seconds', () => {
  expect(elapsed(7_400)).toBe('0:07');
  expect(elapsed(67_000)).toBe('1:07');
});
