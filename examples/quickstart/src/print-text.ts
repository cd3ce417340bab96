import { styleText } from 'node:util';

export function printText(text: string): void {
  console.log(`  "${text}"`);
}

/** Prints every chunk the moment it arrives, with a mark between chunks. */
export async function streamToTerminal(
  stream: AsyncIterable<string>,
): Promise<{ chunks: number; ms: number }> {
  let chunks = 0;
  let first = 0;
  process.stdout.write('  "');
  for await (const chunk of stream) {
    if (chunks === 0) first = performance.now();
    else process.stdout.write(styleText('dim', '|'));
    process.stdout.write(chunk);
    chunks += 1;
  }
  const ms = Math.round(performance.now() - first);
  process.stdout.write('"\n');
  console.log(styleText('dim', `  ${chunks} chunks in ${ms} ms`));
  return { chunks, ms };
}
