/** A member whose streams go on for ever, in any generation from V2 on; it remembers nothing. */
export function endlessMember(): object {
  const start = { type: 'stream-start', warnings: [] };
  const delta = { type: 'text-delta', id: '0', delta: 'and so on ' };
  return {
    specificationVersion: 'v4',
    provider: 'endless.chat',
    modelId: 'm',
    supportedUrls: {},
    async doStream() {
      let made = 0;
      return {
        stream: new ReadableStream(
          { pull: controller => controller.enqueue(made++ === 0 ? { ...start } : { ...delta }) },
          { highWaterMark: 0 },
        ),
      };
    },
  };
}
