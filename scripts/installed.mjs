// Exit code 0 when node_modules holds what package-lock.json asks for. npm's own record of what it
// installed is written last, so an install that was killed does not pass.
import { existsSync, readFileSync } from 'node:fs';

const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
try {
  const wanted = read('package-lock.json');
  const installed = read('node_modules/.package-lock.json');
  const missing = Object.entries(wanted).filter(([path, entry]) => {
    if (!path.includes('node_modules/')) return false;
    const found = installed[path];
    // Optional packages are for other platforms when they are not here.
    if (!found) return !entry.optional && !entry.devOptional && !entry.peer;
    return found.version !== entry.version || (!entry.link && !existsSync(path));
  });
  process.exitCode = missing.length === 0 ? 0 : 1;
} catch {
  process.exitCode = 1;
}
