import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { IconPlus, IconX } from '@tabler/icons-react';
import { client } from '../api/client.ts';
import { Popover } from '../components/popover.tsx';
import { addFilter, removeFilter, useScope } from '../hooks/use-scope.ts';
import css from './filter-bar.module.css';

const COMMON = [
  'service',
  'version',
  'statusCode',
  'statusClass',
  'method',
  'urlTemplate',
  'operation',
  'userAgentFamily',
  'node',
  'peer',
  'responseFlags',
  'status',
];

/** The same chips on every page; what they say stands in the URL. */
export function FilterBar() {
  const { filters } = useScope();
  const [open, setOpen] = useState(false);
  return (
    <div className={css.bar} role="group" aria-label="Filters">
      {filters.map((filter) => (
        <span key={filter} className={css.chip}>
          <span className={css.text}>{filter}</span>
          <button
            type="button"
            aria-label={`Remove ${filter}`}
            onClick={() => removeFilter(filter)}
          >
            <IconX size={12} />
          </button>
        </span>
      ))}
      <Popover
        open={open}
        onOpenChange={setOpen}
        trigger={(props) => (
          <button type="button" className={css.add} {...props}>
            <IconPlus size={13} /> filter
          </button>
        )}
      >
        <FilterForm onDone={() => setOpen(false)} />
      </Popover>
    </div>
  );
}

function FilterForm({ onDone }: { readonly onDone: () => void }) {
  const { query } = useScope();
  const [key, setKey] = useState('service');
  const [operator, setOperator] = useState('=');
  const [value, setValue] = useState('');
  const keys = useQuery({
    queryKey: ['attributes', query],
    queryFn: ({ signal }) => client.attributes(query, { signal }),
    staleTime: 60_000,
  });
  const values = useQuery({
    queryKey: ['values', key, query],
    queryFn: ({ signal }) => client.attributeValues({ ...query, key, limit: 50 }, { signal }),
    enabled: key !== '',
    staleTime: 30_000,
    retry: false,
  });
  const known = [...new Set([...COMMON, ...(keys.data?.items.map((one) => one.key) ?? [])])];
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (key === '') return;
        addFilter(`${key}${operator}${value}`);
        onDone();
      }}
    >
      <input
        list="filter-keys"
        aria-label="Key"
        value={key}
        onChange={(event) => setKey(event.target.value)}
        spellCheck={false}
        autoFocus
      />
      <datalist id="filter-keys">
        {known.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <select
        aria-label="Operator"
        value={operator}
        onChange={(event) => setOperator(event.target.value)}
      >
        {['=', '!=', '=~', '!~', '>', '>=', '<', '<='].map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <input
        list="filter-values"
        aria-label="Value"
        placeholder="value"
        value={value}
        onChange={(event) => setValue(event.target.value)}
        spellCheck={false}
      />
      <datalist id="filter-values">
        {values.data?.items.map((one) => (
          <option key={one.value} value={one.value} />
        ))}
      </datalist>
      <button type="submit">Add</button>
    </form>
  );
}
