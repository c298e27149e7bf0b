/* A card reader that is tapped by a button. */
import type { PracticeCard } from '../src/lib/backend/types/PracticeCard';
import type { Payment } from '../src/lib/backend/types/Payment';
import type { Sale } from '../src/lib/backend/types/Sale';
import { note, received, sum } from './ledger';
import { fail, now, sales, say } from './world';

export const cards: PracticeCard[] = [
  { payment_method: 'pm_card_visa', brand: 'Visa', outcome: 'pays' },
  { payment_method: 'pm_card_mastercard', brand: 'Mastercard', outcome: 'pays' },
  { payment_method: 'pm_card_amex', brand: 'American Express', outcome: 'pays' },
  { payment_method: 'pm_card_chargeDeclined', brand: 'Visa', outcome: 'declined' },
  { payment_method: 'pm_card_chargeDeclinedInsufficientFunds', brand: 'Visa', outcome: 'insufficient_funds' },
  { payment_method: 'pm_card_lost_answer', brand: 'Visa, answer lost,', outcome: 'pays' },
];

export const later = (ms: number, run: () => void) => setTimeout(() => (run(), say('sale', 'sales')), ms);

export function find(attempt_id: string): [Sale, Payment] {
  for (const sale of sales.values()) {
    const one = sale.payments.find((made) => made.attempt_id === attempt_id);
    if (one) return [sale, one];
  }
  return fail('not_found', 'No such payment.');
}

export function startCard(sale: Sale, one: Payment) {
  Object.assign(one, { state: 'starting', notice: null, actions: ['cancel'] });
  later(700, () => one.state === 'starting' && ((one.state = 'waiting_for_card'), sum(sale)));
}

export function tap(card: string) {
  const waiting = [...sales.values()]
    .flatMap((sale) => sale.payments.map((one) => ({ sale, one })))
    .find(({ one }) => one.state === 'waiting_for_card');
  if (!waiting) fail('reader', 'The reader is not waiting for a card.');
  const { sale, one } = waiting;
  one.state = 'authorising';
  one.actions = [];
  sum(sale);
  say('sale');
  later(1100, () => {
    if (card.includes('Declined')) {
      Object.assign(one, {
        state: 'declined',
        notice: {
          code: 'card_declined',
          text: 'The bank declined the card. Please offer another way to pay; the bank can tell its customer why.',
        },
        actions: ['cancel', 'try_again'],
      });
      note(sale, 'payment_declined');
    } else if (card === 'pm_card_lost_answer') {
      one.state = 'checking';
      later(9000, () => (received(sale, one, 'visa', '4242'), sum(sale)));
    } else {
      const brand = card.replace('pm_card_', '');
      received(sale, one, brand, brand === 'visa' ? '4242' : brand === 'amex' ? '8431' : '4444');
      if (now.current?.id === sale.id) now.current = null;
    }
    sum(sale);
  });
}
