export { apiCallError, type ApiCallError, type ApiCallErrorOptions } from './api-call-error.ts';
export type {
  FakeBrokenStream,
  FakeDelivery,
  FakeFault,
  FakeRefusalAnswer,
  FakeRequestRefusal,
} from './fake-fault.ts';
export type { Changes, Failing, FakeProvider } from './fake-provider.ts';
export type { FakeAccountConfig, FakeLimitConfig, FakeWindow } from './fake-limit-config.ts';
export type {
  FakeKeyConfig,
  FakeModelConfig,
  FakeProviderCondition,
  FakeProviderConfig,
  FakeProvidersConfig,
} from './fake-providers-config.ts';
export type { FakeReply, FakeReplyContent, FakeReplyRequest } from './fake-reply.ts';
export type { FakeLimitedBy, FakeRefusal, FakeRequest } from './fake-request.ts';
export type { FakeQuota } from './limit/quota-state.ts';
export type { FakeProtocol } from './protocols/protocol.ts';
export { startFakeProviders, type FakeProviders } from './start-fake-providers.ts';
export { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
export {
  fakeModel,
  type FakeModel,
  type FakeModelCall,
  type FakeModelOptions,
  type FakeModelScript,
} from './fake-model.ts';
export type { FakeModelAnswer, FakeModelContent, FakeModelStream } from './fake-model-answer.ts';
export type {
  FakeCallOptions,
  FakeGenerateResult,
  FakeLanguageModel,
  FakeStreamPart,
  FakeStreamResult,
  SpecificationVersion,
} from './specification.ts';
