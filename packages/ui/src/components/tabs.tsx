import { setSearch, useLocation } from '../router/location.ts';
import css from './tabs.module.css';

interface TabsProps {
  readonly label: string;
  /** Key in the URL. */
  readonly name: string;
  readonly tabs: readonly {
    readonly key: string;
    readonly title: string;
    readonly note?: string;
  }[];
  /** The first one is named in the URL too, where the key's presence means something. */
  readonly named?: boolean;
}

/** The chosen tab, the first when the URL names none. */
export function useTab(name: string, tabs: TabsProps['tabs']): string {
  const { search } = useLocation();
  const wanted = search.get(name);
  return tabs.find((one) => one.key === wanted)?.key ?? tabs[0]!.key;
}

export function Tabs({ label, name, tabs, named = false }: TabsProps) {
  const current = useTab(name, tabs);
  return (
    <div className={css.tabs} role="tablist" aria-label={label}>
      {tabs.map((tab) => (
        <button
          key={tab.key}
          type="button"
          role="tab"
          aria-selected={tab.key === current}
          className={tab.key === current ? css.current : css.tab}
          onClick={() => setSearch({ [name]: tab === tabs[0] && !named ? null : tab.key })}
        >
          {tab.title}
          {tab.note !== undefined && <span className={css.note}>{tab.note}</span>}
        </button>
      ))}
    </div>
  );
}
