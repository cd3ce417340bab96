import { OpenTelemetry } from '@ai-sdk/otel';
import { testTelemetry } from '../suites/telemetry.ts';
import { ai7 } from './generation.ts';
import { ai } from './sdk.ts';

testTelemetry({
  sdk: ai7,
  ai,
  settings: tracer => ({ telemetry: { integrations: [new OpenTelemetry({ tracer })] } }),
  names: {
    provider: 'gen_ai.provider.name',
    model: 'gen_ai.request.model',
    responseModel: 'gen_ai.response.model',
  },
});
