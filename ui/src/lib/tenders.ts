/* What a tender is called: "Cash", "Visa •4242". */
import type { Payment } from './backend/types/Payment';
import { t } from './i18n/index.svelte';

const brands: Record<string, string> = {
  amex: 'Amex',
  cartes_bancaires: 'Cartes Bancaires',
  diners: 'Diners Club',
  discover: 'Discover',
  eftpos_au: 'eftpos',
  girocard: 'girocard',
  interac: 'Interac',
  jcb: 'JCB',
  mastercard: 'Mastercard',
  unionpay: 'UnionPay',
  visa: 'Visa',
};

export const brandName = (brand: string) => brands[brand] ?? brand.charAt(0).toUpperCase() + brand.slice(1);

export const cardName = (brand: string | null, last4: string | null) =>
  [brand ? brandName(brand) : t('sales.cardUnknown'), last4 ? `•${last4}` : ''].filter(Boolean).join(' ');

export const paymentName = (payment: Pick<Payment, 'tender' | 'card_brand' | 'card_last4'>) =>
  payment.tender === 'cash' ? t('sales.cash') : cardName(payment.card_brand, payment.card_last4);

/** A tender as the list of sales has it: `cash`, `visa •4242`. */
export function tenderName(tender: string): string {
  if (tender === 'cash') return t('sales.cash');
  const [brand = '', ...rest] = tender.split(' ');
  return brand === 'card'
    ? cardName(null, rest.join(' ').replace('•', ''))
    : [brandName(brand), ...rest].join(' ');
}
