import { useEffect } from 'react';
import { client } from '../../api/client.ts';
import { useAnswer } from '../../hooks/use-answer.ts';
import { setSearch } from '../../router/location.ts';
import css from './compare.module.css';
import { presetVersions } from './preset-versions.ts';
import type { CompareUrl } from './url.ts';

const KINDS = [
  ['window', 'this window and the one before'],
  ['version', 'two versions'],
  ['filter', 'two filters'],
] as const;

/** What A and B are. */
export function SideForm({ wanted }: { readonly wanted: CompareUrl }) {
  const services = useAnswer('services', {}, (query, signal) => client.services(query, { signal }));
  const versions = (services.data?.items ?? [])
    .filter((one) => wanted.service === '' || one.service === wanted.service)
    .flatMap((one) => one.versions);
  const choices = [...new Set(versions)].filter((one) => one !== '');
  const preset = presetVersions(services.data?.items ?? [], wanted.service);
  // Two versions were asked for, and not yet which.
  const unchosen = wanted.by === 'version' && wanted.a === '' && wanted.b === '';
  const { service, a, b } = (unchosen && preset) || {};
  useEffect(() => {
    if (a !== undefined && b !== undefined)
      setSearch({ service: service!, a, b }, { replace: true });
  }, [service, a, b]);
  const set = (changes: Record<string, string>) =>
    setSearch(
      Object.fromEntries(Object.entries(changes).map(([key, value]) => [key, value || null])),
    );
  return (
    <div className={css.form}>
      <label>
        Compare
        <select
          value={wanted.by}
          onChange={(event) => {
            const by = event.target.value;
            set({ by: by === 'window' ? '' : by, a: '', b: '' });
          }}
        >
          {KINDS.map(([key, title]) => (
            <option key={key} value={key}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label>
        of
        <select
          value={wanted.service}
          onChange={(event) => {
            const versionsToo = wanted.by === 'version' && { a: '', b: '' };
            set({ service: event.target.value, ...versionsToo });
          }}
        >
          <option value="">all services</option>
          {services.data?.items.map((one) => (
            <option key={one.service}>{one.service}</option>
          ))}
        </select>
      </label>
      {wanted.by === 'version' &&
        (['a', 'b'] as const).map((side) => (
          <label key={side}>
            <span className={css[side]}>{side.toUpperCase()}</span>
            <select value={wanted[side]} onChange={(event) => set({ [side]: event.target.value })}>
              <option value="">choose …</option>
              {choices.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        ))}
      {wanted.by === 'filter' &&
        (['a', 'b'] as const).map((side) => (
          <label key={side}>
            <span className={css[side]}>{side.toUpperCase()}</span>
            <input
              defaultValue={wanted[side]}
              placeholder={side === 'a' ? 'method=GET' : 'method=POST'}
              spellCheck={false}
              onBlur={(event) => set({ [side]: event.target.value.trim() })}
              onKeyDown={(event) =>
                event.key === 'Enter' && set({ [side]: event.currentTarget.value.trim() })
              }
            />
          </label>
        ))}
    </div>
  );
}
