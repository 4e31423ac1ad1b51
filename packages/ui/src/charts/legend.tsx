import css from './legend.module.css';

export function Legend({
  items,
}: {
  readonly items: readonly { readonly label: string; readonly color: string }[];
}) {
  return (
    <ul className={css.legend}>
      {items.map((one) => (
        <li key={one.label}>
          <span className={css.swatch} style={{ background: one.color }} aria-hidden />
          <span className={css.label} title={one.label}>
            {one.label}
          </span>
        </li>
      ))}
    </ul>
  );
}
