import { Empty } from '../components/states.tsx';
import { Link } from '../router/link.tsx';
import { pageHref } from '../router/location.ts';

export default function NotFoundPage() {
  return (
    <Empty title="There is no such page">
      Perhaps the link is old. <Link to={pageHref('/')}>Go to the overview</Link>
    </Empty>
  );
}
