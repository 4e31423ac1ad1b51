import { IconSearch } from '@tabler/icons-react';
import css from './search-box.module.css';

export function SearchBox({
  label,
  value,
  onChange,
  width = 220,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly width?: number;
}) {
  return (
    <label className={css.box} style={{ width }}>
      <IconSearch size={14} stroke={1.75} aria-hidden />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
