// Before the first paint, so that the page never flashes in the other theme.
try {
  const theme = localStorage.getItem('clover.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  /* private mode: the system's theme it is */
}
