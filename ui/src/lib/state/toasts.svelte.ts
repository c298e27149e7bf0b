/* For what may be missed. Money trouble never comes here; it is a banner on the sale it concerns. */
export type Toast = { id: number; text: string; tone: 'plain' | 'good' | 'wait' };

const SHOWN_MS = 5000;

class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;

  say(text: string, tone: Toast['tone'] = 'plain'): void {
    const toast = { id: this.#next++, text, tone };
    this.list = [...this.list.slice(-2), toast];
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
