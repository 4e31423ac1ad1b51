export const SERVICES_ERRORS = {
  /** A setting that a running service refuses; nothing was changed. */
  badSetting: 'services.bad_setting',
  /** Snort rules that the detection engine cannot do, or that are none. */
  badRule: 'services.bad_rule',
  /** No service answers at the control address. */
  unreachable: 'services.unreachable',
  /** The service has no such control. */
  notThere: 'services.no_such_control',
  /** Apache, ModSecurity or the core rules are missing, or did not start. */
  noWaf: 'services.no_waf',
} as const;
