import { testTelemetry } from '../suites/telemetry.ts';
import { ai6 } from './generation.ts';
import { ai } from './sdk.ts';

testTelemetry({
  sdk: ai6,
  ai,
  settings: tracer => ({ experimental_telemetry: { isEnabled: true, tracer } }),
  names: {
    provider: 'ai.model.provider',
    model: 'ai.model.id',
    responseModel: 'ai.response.model',
  },
});
