// `npm test` and `npm run demo` on a bare clone install what pnpm would.
import { execSync } from 'node:child_process';

if (process.env.npm_config_user_agent?.startsWith('npm/')) {
  execSync('npx -y pnpm@12 install --frozen-lockfile --reporter=append-only', {
    cwd: new URL('..', import.meta.url),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
