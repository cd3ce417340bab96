import { testCascade } from './cascade.ts';
import { testExhaustion } from './exhaustion.ts';
import { testModelSwitch } from './model-switch.ts';
import { testRotation } from './rotation.ts';
import type { ModelBase, Sdk } from './sdk.ts';
import { testSuccess } from './success.ts';

/** Every test that all generations share. */
export function testSideBySide<Model extends ModelBase>(sdk: Sdk<Model>): void {
  testSuccess(sdk);
  testRotation(sdk);
  testModelSwitch(sdk);
  testCascade(sdk);
  testExhaustion(sdk);
}
