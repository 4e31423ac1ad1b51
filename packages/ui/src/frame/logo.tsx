export function Logo({ size = 26 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="var(--accent)" aria-hidden>
      <circle cx="16" cy="9.5" r="6.2" />
      <circle cx="9.2" cy="17.6" r="6.2" />
      <circle cx="22.8" cy="17.6" r="6.2" />
      <path d="M15 15c.6 5-.4 9.2-3.4 13h2.6c2.4-3.5 3.2-8 2.8-13z" />
    </svg>
  );
}
