import { testTelemetry } from '../suites/telemetry.ts';
import { ai5 } from './generation.ts';
import { ai } from './sdk.ts';

testTelemetry({
  sdk: ai5,
  ai,
  settings: tracer => ({ experimental_telemetry: { isEnabled: true, tracer } }),
  names: {
    provider: 'ai.model.provider',
    model: 'ai.model.id',
    responseModel: 'ai.response.model',
  },
});
