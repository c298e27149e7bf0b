/* What makes a PIN: digits enough, and not the first thing somebody would try. */
const ROW = '01234567890123';
const BACKWARDS = '98765432109876';

/** What is wrong with a PIN that somebody chooses: the message that says it, or nothing. */
export function pinProblem(pin: string): 'setup.err.pin' | 'setup.err.pinEasy' | undefined {
  if (!/^\d{4,12}$/.test(pin)) return 'setup.err.pin';
  const plainRow = ROW.includes(pin) || BACKWARDS.includes(pin);
  return plainRow || /^(\d)\1+$/.test(pin) ? 'setup.err.pinEasy' : undefined;
}

/** Keeps a field to what a PIN can hold. */
export const pinDigits = (text: string) => text.replace(/\D/g, '').slice(0, 12);
