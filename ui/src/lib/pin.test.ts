import { describe, expect, it } from 'vitest';
import { pinDigits, pinProblem } from './pin';

describe('pinProblem', () => {
  it('lets through what is long enough and not the first thing to try', () => {
    for (const pin of ['2468', '1357', '0911', '123456789098']) expect(pinProblem(pin), pin).toBeUndefined();
  });

  it('refuses what no PIN is, and says so before it says easy', () => {
    for (const pin of ['', '111', '12a4', '1234567890123', '１２３４', ' 2468', '2468\n'])
      expect(pinProblem(pin), pin).toBe('setup.err.pin');
  });

  it('refuses one digit repeated and a plain row, either way', () => {
    for (const pin of ['0000', '999999999999', '1234', '7890', '0123', '4321', '98765432', '0987'])
      expect(pinProblem(pin), pin).toBe('setup.err.pinEasy');
  });
});

describe('pinDigits', () => {
  it('keeps digits only, and no more than a PIN holds', () => {
    expect(pinDigits('2 4-6a8')).toBe('2468');
    expect(pinDigits('12345678901234')).toBe('123456789012');
    expect(pinDigits('٢٤٦٨')).toBe('');
  });
});
