/* What makes a PIN: digits enough, and not the first thing somebody would try. */
const ROW = '01234567890123';
const BACKWARDS = '98765432109876';

export const isPin = (text: string) => /^\d{4,12}$/.test(text);

/** One digit repeated, or a plain row. */
export const isEasyPin = (pin: string) =>
  /^(\d)\1+$/.test(pin) || ROW.includes(pin) || BACKWARDS.includes(pin);

/** Keeps a field to what a PIN can hold. */
export const pinDigits = (text: string) => text.replace(/\D/g, '').slice(0, 12);
