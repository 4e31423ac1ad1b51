import { serviceColor } from '../domain/service-color.ts';
import { Link } from '../router/link.tsx';
import { pageHref } from '../router/location.ts';
import css from './service-name.module.css';

/** A service with its colour; a link to its page unless `plain`. */
export function ServiceName({
  service,
  plain = false,
}: {
  readonly service: string;
  readonly plain?: boolean;
}) {
  const inside = (
    <>
      <span className={css.dot} style={{ background: serviceColor(service) }} aria-hidden />
      <span className={css.name} title={service}>
        {service || '(no name)'}
      </span>
    </>
  );
  if (plain) return <span className={css.service}>{inside}</span>;
  return (
    <Link
      to={pageHref(`/services/${encodeURIComponent(service)}`)}
      className={`${css.service} ${css.link}`}
    >
      {inside}
    </Link>
  );
}
