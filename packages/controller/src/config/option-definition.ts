// What is known of a setting.

export type OptionType = 'string' | 'port' | 'boolean' | 'duration' | 'bytes' | 'integer' | 'list';

export interface OptionDefinition {
  /** Dotted key of clover.yaml. The flag is its kebab form, the variable CLOVER_ and its snake form. */
  readonly key: string;
  readonly type: OptionType;
  readonly default?: string | number | boolean | readonly string[];
  /** Key of the setting whose value it has when nobody says otherwise, in place of a default. */
  readonly follows?: string;
  readonly description: string;
  readonly group: 'Addresses' | 'Store' | 'Sources' | 'Traffic' | 'Security' | 'Limits' | 'Process';
  /** Further flags that mean the same, without dashes in front. */
  readonly aliases?: readonly string[];
  readonly choices?: readonly string[];
  readonly secret?: boolean;
}
