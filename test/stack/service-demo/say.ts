/** Lines of the demo, with the seconds since it began. */
export function createSay(): (line: string) => void {
  const start = performance.now();
  return (line) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(0).padStart(4);
    process.stdout.write(`${seconds} s  ${line}\n`);
  };
}
