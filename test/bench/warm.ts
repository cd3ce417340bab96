import type { Contender } from './contenders.ts';
import { CALL, read } from './models.ts';

/**
 * An application both generates and streams; then the compiler has seen both ways through what
 * the two share. So it is here too, whichever of them is measured.
 */
export async function warm(contenders: readonly Contender[]): Promise<void> {
  for (let i = 0; i < 300; i++) {
    for (const { model } of contenders) {
      await model.doGenerate(CALL);
      const { stream } = await model.doStream(CALL);
      await read(stream.getReader());
    }
  }
}
