/** Resolves with what `test` gives as soon as that is truthy; rejects when it throws, or after `timeout` milliseconds. */
export function waitFor<T>(
  test: () => T | null | undefined | false,
  onChange: (listener: () => void) => () => void,
  timeout: number,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      try {
        const found = test();
        if (!found) return;
        finish();
        resolve(found);
      } catch (error) {
        finish();
        reject(error);
      }
    };
    const timer = setTimeout(() => {
      finish();
      reject(new Error(`The channel didn't come to that within ${timeout} ms.`));
    }, timeout);
    const off = onChange(look);
    const finish = (): void => {
      clearTimeout(timer);
      off();
    };
    look();
  });
}
