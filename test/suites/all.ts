import { testAbort } from './abort.ts';
import { testBrokenStreams } from './broken-stream.ts';
import { testCascade } from './cascade.ts';
import { testExhaustion } from './exhaustion.ts';
import { testModelObject } from './model-object.ts';
import { testModelSwitch } from './model-switch.ts';
import { testOuterRetry } from './outer-retry.ts';
import { testParallelCalls } from './parallel.ts';
import { testRotation } from './rotation.ts';
import { testScheduling } from './scheduling.ts';
import type { ModelBase, Sdk } from './sdk.ts';
import { testSdkLimits } from './sdk-limits.ts';
import { testSecrets } from './secrets.ts';
import { testSettling } from './settling.ts';
import { testSuccess } from './success.ts';
import { testToolLoop } from './tool-loop.ts';

/** Every test that all generations share. */
export function testSideBySide<Model extends ModelBase>(sdk: Sdk<Model>): void {
  testSuccess(sdk);
  testRotation(sdk);
  testScheduling(sdk);
  testModelSwitch(sdk);
  testCascade(sdk);
  testExhaustion(sdk);
  testAbort(sdk);
  testSecrets(sdk);
  testBrokenStreams(sdk);
  testParallelCalls(sdk);
  testOuterRetry(sdk);
  testModelObject(sdk);
  testToolLoop(sdk);
  testSettling(sdk);
  testSdkLimits(sdk);
}
