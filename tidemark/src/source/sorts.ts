import { isApiLocation } from './api/api-location.ts';
import { isModuleLocation } from './module/module-location.ts';
import { isRelationLocation } from './relation/relation-location.ts';
import { isTableLocation } from './sqlite-table/table-location.ts';

/** Whether a source can be asked for what lies from a value on, so that it is read from its cursor and not whole. */
export function sorts(declared: string): boolean {
  return [isTableLocation, isRelationLocation, isApiLocation, isModuleLocation].some((is) => is(declared));
}
