// What the cases take from outside, in one place: the same variables as ../python/settings.py.
const env = process.env;

export const BASE_URL = env.BASE_URL ?? 'http://127.0.0.1:8080/v1';
export const API_KEY = env.API_KEY ?? 'sk-test';
export const BAD_API_KEY = env.BAD_API_KEY ?? 'sk-wrong';
export const MODEL = env.MODEL ?? 'small';
export const MISSING_MODEL = env.MISSING_MODEL ?? 'no-such-model';
export const TOO_LARGE_BYTES = Number(env.TOO_LARGE_BYTES ?? 17 * 1024 * 1024);
export const HANGUP_WORDS = Number(env.HANGUP_WORDS ?? 5000);
export const UNKNOWN_MEMBER = env.UNKNOWN_MEMBER ?? 'x_sim';
const FAULT_HEADER = env.FAULT_HEADER ?? 'x-sim-fault';

// Model and request options of a call that meets the fault `kind`: by FAULT_MODEL_<kind>, else by the
// header with the value of FAULT_<kind>; an empty value sends nothing (the caller has armed the simulator).
export function fault(kind, standard) {
  const model = env[`FAULT_MODEL_${kind}`];
  if (model) return [{ model }, {}];
  const spec = env[`FAULT_${kind}`] ?? standard;
  return [{ model: MODEL }, spec ? { headers: { [FAULT_HEADER]: spec } } : {}];
}
