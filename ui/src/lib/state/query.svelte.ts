/*
 * What a screen shows is asked for by a query and asked again when the core says that one of its tags changed.
 * The old answer stays on screen meanwhile, so that nothing flickers; an answer overtaken by a later question is dropped.
 */
import type { Failure } from '../backend';
import { onChanged, toFailure, type Tag } from '../backend';

type Live = { tags: readonly Tag[]; refresh: () => void };
const live = new Set<Live>();

/** Asks again whatever is on screen under these tags. */
export function invalidate(tags: readonly Tag[]): void {
  for (const query of live) {
    if (query.tags.some((tag) => tags.includes(tag))) query.refresh();
  }
}

/** Hears the core. Called once, when the window opens. */
export function listen(also: (tags: readonly Tag[]) => void): Promise<void> {
  return onChanged((tags) => {
    invalidate(tags);
    also(tags);
  });
}

export class Query<T> {
  data = $state.raw<T>();
  failure = $state.raw<Failure>();
  busy = $state(false);
  #asked = 0;
  #fetch: () => Promise<T>;

  constructor(fetch: () => Promise<T>) {
    this.#fetch = fetch;
  }

  /** No answer yet and none failed: draw a skeleton. */
  get first(): boolean {
    return this.data === undefined && this.failure === undefined;
  }

  refresh = async (): Promise<void> => {
    const asked = ++this.#asked;
    this.busy = true;
    try {
      const data = await this.#fetch();
      if (asked !== this.#asked) return;
      this.data = data;
      this.failure = undefined;
    } catch (thrown) {
      if (asked === this.#asked) this.failure = toFailure(thrown);
    } finally {
      if (asked === this.#asked) this.busy = false;
    }
  };
}

/**
 * A query that lives as long as the component. `fetch` reads its inputs before its first await, so that a changed
 * input asks again by itself.
 */
export function query<T>(tags: readonly Tag[], fetch: () => Promise<T>): Query<T> {
  const made = new Query(fetch);
  $effect(() => {
    void made.refresh();
  });
  $effect(() => {
    const entry: Live = { tags, refresh: () => void made.refresh() };
    live.add(entry);
    return () => live.delete(entry);
  });
  return made;
}
