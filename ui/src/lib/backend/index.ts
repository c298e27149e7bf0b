/*
 * The only folder that knows the shell. Everything else calls `call` and hears `onChanged`.
 * Under `vite dev`, outside the shell, a double that lives in `dev/` answers; it is never part of a build.
 */
import type { Command, Commands } from './commands';
import type { Changed } from './types/Changed';
import type { Tag } from './types/Tag';
import { toFailure } from './errors';

export type { Command, Commands } from './commands';
export type { Tag } from './types/Tag';
export { Failure, toFailure } from './errors';

type Transport = {
  invoke: (command: string, args?: Record<string, unknown>) => Promise<unknown>;
  listen: (hear: (tags: Tag[]) => void) => Promise<unknown>;
};

async function shell(): Promise<Transport> {
  const [core, event] = await Promise.all([import('@tauri-apps/api/core'), import('@tauri-apps/api/event')]);
  return {
    invoke: (command, args) => core.invoke(command, args),
    listen: (hear) => event.listen<Changed>('changed', ({ payload }) => hear(payload.tags)),
  };
}

async function connect(): Promise<Transport> {
  if (import.meta.env.DEV && !('__TAURI_INTERNALS__' in window)) {
    return (await import('../../../dev/double')).double();
  }
  return shell();
}

let transport: Promise<Transport> | undefined;
const connected = () => (transport ??= connect());

type Input<C extends Command> = Commands[C][0];
type Output<C extends Command> = Commands[C][1];
type Args<C extends Command> = Input<C> extends undefined ? [] : [input: Input<C>];

let heard: ((tags: Tag[]) => void) | undefined;

/** Asks the core. Throws a `Failure` and nothing else. */
export async function call<C extends Command>(command: C, ...[input]: Args<C>): Promise<Output<C>> {
  try {
    const { invoke } = await connected();
    return (await invoke(command, input === undefined ? undefined : { input })) as Output<C>;
  } catch (thrown) {
    const failure = toFailure(thrown);
    // The session ended without us: whoever draws the frame has to ask who is there.
    if (failure.code === 'signed_out') heard?.(['session']);
    throw failure;
  }
}

/** Hears what the core says has changed, for as long as the window lives. */
export async function onChanged(hear: (tags: Tag[]) => void): Promise<void> {
  heard = hear;
  await (await connected()).listen(hear);
}
