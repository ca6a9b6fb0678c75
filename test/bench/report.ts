export async function report(results: unknown, about: unknown): Promise<void> { console.log(JSON.stringify({ about, results }, null, 1)); }
