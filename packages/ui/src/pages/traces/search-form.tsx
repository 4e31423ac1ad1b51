import { useEffect, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { SearchBox } from '../../components/search-box.tsx';
import { setSearch } from '../../router/location.ts';
import css from './traces.module.css';
import type { TracesUrl } from './url.ts';

/** Free text, durations and order; the rest are facets and filters. */
export function SearchForm({ wanted }: { readonly wanted: TracesUrl }) {
  const [text, setText] = useState(wanted.text);
  const [min, setMin] = useState(wanted.min);
  const [max, setMax] = useState(wanted.max);
  useEffect(() => {
    setText(wanted.text);
    setMin(wanted.min);
    setMax(wanted.max);
  }, [wanted.text, wanted.min, wanted.max]);
  return (
    <form
      className={css.form}
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        setSearch({ text: text.trim() || null, min: min.trim() || null, max: max.trim() || null });
      }}
    >
      <SearchBox
        label="Text in names, URLs, messages, values"
        value={text}
        onChange={setText}
        width={340}
      />
      <label className={css.field}>
        from
        <input
          value={min}
          placeholder="0 ms"
          size={7}
          aria-label="Shortest duration"
          onChange={(event) => setMin(event.target.value)}
        />
      </label>
      <label className={css.field}>
        to
        <input
          value={max}
          placeholder="any"
          size={7}
          aria-label="Longest duration"
          onChange={(event) => setMax(event.target.value)}
        />
      </label>
      <Button type="submit">Search</Button>
      <span className={css.spacer} />
      <span className={css.segment} role="group" aria-label="Order">
        {(['newest', 'slowest'] as const).map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={wanted.sort === one}
            onClick={() => setSearch({ sort: one === 'newest' ? null : one })}
          >
            {one}
          </button>
        ))}
      </span>
      <span className={css.segment} role="group" aria-label="Status">
        {(['any', 'ok', 'error'] as const).map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={wanted.status === one}
            onClick={() => setSearch({ status: one === 'any' ? null : one })}
          >
            {one === 'any' ? 'all' : one === 'ok' ? 'fine' : 'failed'}
          </button>
        ))}
      </span>
    </form>
  );
}
