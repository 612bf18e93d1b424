import type { ErrorObject } from 'ajv/dist/2020.js';
import type { JsonObject, JsonValue } from '../model/json.ts';

/** An error of ajv run with `verbose`: the keyword's value, the schema around it, and the value it is about. */
export interface JudgeError extends ErrorObject<string, Record<string, unknown>> {
  schema: JsonValue;
  parentSchema: JsonObject;
  data: JsonValue;
}
