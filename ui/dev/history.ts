/* The list of sales, searched and cut into pages. */
import type { Sale } from '../src/lib/backend/types/Sale';
import type { SaleRow } from '../src/lib/backend/types/SaleRow';
import type { SalesQuery } from '../src/lib/backend/types/SalesQuery';
import { sales, scene } from './world';

const many = Number(scene.get('many') ?? 0);
export function row(sale: Sale): SaleRow {
  return {
    id: sale.id,
    number: sale.number,
    state: sale.state,
    opened_at_ms: sale.opened_at_ms,
    business_date: sale.business_date,
    staff: sale.staff,
    summary: sale.lines.map((line) => line.name).join(', '),
    units: sale.lines.reduce((total, line) => total + line.quantity, 0),
    total_minor: sale.total_minor,
    refunded_minor: sale.refunded_minor,
    tenders: sale.payments
      .filter((one) => one.state === 'paid')
      .map((one) => (one.tender === 'cash' ? 'cash' : `${one.card_brand} •${one.card_last4}`)),
    currency: sale.currency,
  };
}

export function listed(query: SalesQuery): { rows: SaleRow[]; next_cursor: string | null } {
  const words = query.query.trim().toLowerCase();
  let rows = [...sales.values()]
    .map(row)
    .filter((one) => one.units > 0)
    .sort((a, b) => b.opened_at_ms - a.opened_at_ms);
  if (many > 0)
    rows = Array.from({ length: many }, (_, at) => ({
      ...(rows[at % rows.length] as SaleRow),
      id: `many-${at}`,
      number: many - at,
    }));
  rows = rows.filter(
    (one) =>
      (!query.from_day || one.business_date >= query.from_day) &&
      (!query.to_day || one.business_date < query.to_day) &&
      (words === '' ||
        String(one.number) === words ||
        (one.total_minor / 100).toFixed(2) === words ||
        one.tenders.some((tender) => tender.includes(words)) ||
        one.summary.toLowerCase().includes(words)),
  );
  const from = Number(query.cursor ?? 0);
  const end = from + (query.limit || 50);
  return { rows: rows.slice(from, end), next_cursor: end < rows.length ? String(end) : null };
}
