import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const leaveStreams = new URL('./__fixtures__/leave-streams.ts', import.meta.url);
const endOfProcess = new URL('./__fixtures__/end-of-process.ts', import.meta.url);

/** Far longer than it takes, and far shorter than any time limit in it. */
const GENEROUS_MS = 60_000;

/** Runs a script in a process of its own, until that ends by itself or takes far too long. */
function run(script: URL, ...flags: string[]) {
  const args = [...flags, '--conditions=@ai-pool/source', fileURLToPath(script)];
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: GENEROUS_MS });
}

it(
  '10,000 streams that were cancelled, aborted or abandoned leave nothing behind',
  () => {
    const { stdout, stderr } = run(leaveStreams, '--expose-gc');
    expect(stderr).toBe('');
    const { grownBytes, ...left } = JSON.parse(stdout) as Record<string, number>;
    // The first 2,000 are those that warm up.
    const attempts = 12_000;
    expect(left).toEqual({ attempts, aborted: attempts, inFlight: 0, timers: 0, listeners: 0 });
    expect(grownBytes).toBeLessThan(1_000_000);
  },
  2 * GENEROUS_MS,
);

it(
  'a process with nothing more to do ends, whatever limits, waits and streams there were',
  () => {
    const { stdout, stderr, status, signal } = run(endOfProcess);
    expect({ stdout, stderr }).toEqual({ stdout: 'nothing more to do\n', stderr: '' });
    // Otherwise it was killed.
    expect({ status, signal }).toEqual({ status: 0, signal: null });
  },
  2 * GENEROUS_MS,
);
