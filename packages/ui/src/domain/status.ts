// Status classes: a colour and a word, never the colour alone.

export type StatusClass = '2xx' | '3xx' | '4xx' | '5xx' | 'none';

export function statusClass(code: number): StatusClass {
  if (code >= 500) return '5xx';
  if (code >= 400) return '4xx';
  if (code >= 300) return '3xx';
  return code >= 100 ? '2xx' : 'none';
}

export const STATUS_MARK: Readonly<Record<StatusClass, string>> = {
  '2xx': 'var(--mark-2xx)',
  '3xx': 'var(--mark-3xx)',
  '4xx': 'var(--mark-4xx)',
  '5xx': 'var(--mark-5xx)',
  none: 'var(--mark-none)',
};
