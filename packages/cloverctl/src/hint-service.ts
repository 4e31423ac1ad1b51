// When nothing was found for --service: whether another name was meant. A mesh reports `http-lb.default`.
import { nearest } from '@clover/model/nearest';
import type { Context } from './context.ts';

/** Says on stderr which service of the same time has a name like it, if one has. */
export async function hintService(context: Context): Promise<void> {
  const service = context.text('service');
  if (service === undefined) return;
  const { items } = await context.client.services(
    { ...context.scope(), service: undefined, filter: undefined },
    context.call,
  );
  const names = items.map((one) => one.service);
  if (names.includes(service)) return;
  const close =
    names.find((name) => name.startsWith(`${service}.`) || service.startsWith(`${name}.`)) ??
    nearest(service, names);
  context.note(
    `no span in this time range is of a service ${service}${close === undefined ? '; `get services` lists them' : `: did you mean ${close}?`}`,
  );
}
