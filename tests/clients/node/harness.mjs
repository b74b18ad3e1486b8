// Runs cases by name: one JSON line each, exit code 1 when one has failed.
import assert from 'node:assert/strict';
import process from 'node:process';

// The error of class `kind` that `call` rejects with; anything else is a failure.
export async function raised(kind, call) {
  let answer;
  try {
    answer = await call();
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  assert.fail(`wanted ${kind.name}, got an answer: ${JSON.stringify(answer)}`);
}

export async function main(cases) {
  let names = process.argv.slice(2);
  if (names.length === 1 && names[0] === 'all') names = Object.keys(cases);
  const unknown = names.filter((name) => !Object.hasOwn(cases, name));
  if (names.length === 0 || unknown.length > 0) {
    console.error(`usage: CASE... | all\nunknown: ${unknown}\ncases: ${Object.keys(cases).join(' ')}`);
    process.exit(1);
  }
  const failed = [];
  for (const name of names) {
    const start = performance.now();
    const line = { case: name, ok: true };
    try {
      line.saw = await cases[name]();
    } catch (error) {
      failed.push(name);
      line.ok = false;
      line.error = String(error);
      console.error(error);
    }
    line.seconds = Math.round(performance.now() - start) / 1000;
    console.log(JSON.stringify(line));
  }
  if (failed.length > 0) {
    console.error(`failed: ${failed.join(' ')}`);
    process.exitCode = 1;
  }
}
