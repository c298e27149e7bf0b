/* A believable shop for the double: what it sells and how it starts. */
import type { CatalogueItem } from '../src/lib/backend/types/CatalogueItem';

type Row = [name: string, minor: number];

const shelves: [category: string, colour: string, rows: Row[]][] = [
  [
    'Books',
    '#2f6f8f',
    [
      ['The Sea, the Sea (pb)', 1499],
      ['Moby-Dick', 1250],
      ['A Month in the Country', 1095],
      ['The Rings of Saturn', 1650],
      ['To the Lighthouse', 999],
      ['The Shipping News', 1399],
      ['Harbour Walks: 20 routes', 1800],
      ['Tide Tables 2027', 650],
      ['The Lighthouse Keeper’s Daughter – illustrated edition', 2495],
    ],
  ],
  [
    'Coffee',
    '#7a4b2a',
    [
      ['Flat white', 420],
      ['Latte', 440],
      ['Filter coffee', 310],
      ['Espresso', 280],
      ['Cappuccino', 430],
      ['Hot chocolate', 450],
      ['Earl Grey, pot', 390],
      ['Blueberry muffin', 280],
      ['Almond croissant', 360],
    ],
  ],
  [
    'Gifts',
    '#a2556b',
    [
      ['Canvas tote', 1600],
      ['Enamel mug, navy', 1400],
      ['Candle, sea salt', 2200],
      ['Letterpress print, A4', 3500],
      ['Gift wrapping', 300],
      ['Wooden bookmark', 450],
    ],
  ],
  [
    'Cards',
    '#c08a2d',
    [
      ['Birthday card', 350],
      ['Thank-you card', 350],
      ['Postcard, lighthouse', 120],
      ['Postcard set of 8', 800],
      ['Notecards, box of 10', 1450],
    ],
  ],
  [
    'Kids',
    '#4f8a4b',
    [
      ['Where the Wild Things Are', 1099],
      ['The Gruffalo', 899],
      ['Sticker book: ships', 599],
      ['Wooden boat', 1850],
      ['Puzzle, 100 pieces', 1299],
      ['Colouring pencils', 750],
    ],
  ],
  [
    'Stationery',
    '#6257a5',
    [
      ['Notebook, dotted A5', 1350],
      ['Fountain pen, steel', 2900],
      ['Ink, 30 ml, blue-black', 980],
      ['Pencil HB', 90],
      ['Eraser', 140],
    ],
  ],
];

const slug = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');

export function catalogue(currency: string): CatalogueItem[] {
  let at = 0;
  return shelves.flatMap(([category, colour, rows]) =>
    rows.map(([name, minor]) => {
      at += 1;
      const id = String(at).padStart(3, '0');
      return {
        price_id: `price_${id}`,
        product_id: `prod_${id}`,
        lookup_key: slug(name),
        name,
        category,
        sku: `HB-${id}`,
        barcode: `9780000000${id}`,
        colour,
        unit_amount_minor: minor,
        currency,
      };
    }),
  );
}
