// The sample services as the controller changes them: REST on one side, their gRPC interfaces on the other.

import type {
  IdsAlert,
  IdsControl,
  IdsRuleSet,
  IdsRulesAnswer,
  LoadBalancerSet,
  ProxySet,
  ServerSet,
  ServiceChanged,
  UploadReport,
} from '@clover/model';
import { CloverError } from '@clover/model';
import { createControlClient } from '@clover/services';
import type { Store } from '@clover/store';
import type { EventHub } from '../events/event-hub.ts';
import { controlTarget, type ControlAddresses } from './control-addresses.ts';

export interface ServicesControl {
  setProxy(change: ProxySet): Promise<ServiceChanged>;
  setLoadBalancer(change: LoadBalancerSet): Promise<ServiceChanged>;
  setServer(change: ServerSet): Promise<ServiceChanged>;
  addRules(rules: IdsRuleSet): Promise<IdsRulesAnswer>;
  startIds(control: IdsControl): Promise<ServiceChanged>;
  stopIds(control: IdsControl): Promise<ServiceChanged>;
  takeAlerts(alerts: readonly IdsAlert[]): Promise<void>;
  takeUploads(uploads: readonly UploadReport[]): Promise<void>;
  /** Services of the demo beside those that were named; none when it is gone. */
  setDemo(addresses: ControlAddresses): void;
}

const PROXY = 'proxy-access-control';
const IDS = 'snort-ids';

export function createServicesControl(
  named: ControlAddresses,
  parts: { readonly store: Pick<Store, 'writeAlerts' | 'writeUploads'>; readonly events: EventHub },
): ServicesControl {
  let addresses = named;

  async function call(
    name: string,
    api: 'nginx' | 'snort',
    method: string,
    fields: Readonly<Record<string, string | undefined>>,
  ): Promise<ServiceChanged> {
    const { service, address } = controlTarget(addresses, name);
    const client = createControlClient(api, address);
    try {
      return { service, message: await client.call(method, fields) };
    } finally {
      client.close();
    }
  }

  return {
    setProxy: ({ proxy_name: name, ...fields }) =>
      call(name ?? fields.server_name ?? PROXY, 'nginx', 'ModifyProxy', fields),
    async setLoadBalancer({ lb_name: name, lb_list: list, lb_group: group, ...fields }) {
      const target = name ?? fields.server_name;
      if (target === undefined)
        throw new CloverError(
          'services.no_name',
          'neither lb_name nor server_name says whom to change',
          {
            status: 400,
            hint: 'lb_name: http-lb-v1',
          },
        );
      return call(target, 'nginx', 'ModifyLB', {
        ...fields,
        slb_group: group,
        slb_list: list && JSON.stringify(list),
      });
    },
    setServer: ({ locations, files, ...fields }) =>
      call(fields.server_name, 'nginx', 'ModifyServer', {
        ...fields,
        locations: locations && JSON.stringify(locations),
        files: files && JSON.stringify(files),
      }),
    async addRules(rules) {
      const { service, message } = await call(IDS, 'snort', 'AddRules', rules);
      const [summary = '', ...refused] = message.split('\n');
      return { service, message: summary, refused };
    },
    startIds: (control) => call(IDS, 'snort', 'StartSnort', control),
    stopIds: (control) => call(IDS, 'snort', 'StopSnort', control),
    async takeAlerts(alerts) {
      await parts.store.writeAlerts(alerts);
      for (const { id, sid, msg, priority, traceId } of alerts)
        parts.events.publish({ type: 'alert', id, sid, msg, priority, traceId });
    },
    takeUploads: (uploads) => parts.store.writeUploads(uploads),
    setDemo(more) {
      addresses = { ...named, ...more };
    },
  };
}
