import { ERROR_CODES } from '../errors/codes.ts';
import { unreadable } from '../source/file/locate-source.ts';
import { isGlobLocation } from '../source/glob/glob-location.ts';
import type { SurveyRequest } from '../source/survey-source.ts';
import type { Unreachable } from '../source/unreachable.ts';
import type { Engine } from './engine.ts';
import type { DeclaredFile } from './landed-source.ts';

export function surveyOf(engine: Pick<Engine, 'root' | 'limits'>, file: DeclaredFile): SurveyRequest {
  return {
    root: engine.root,
    declared: file.declaredPath,
    declaresBytes: file.sizeBytes !== null || file.checksumSha256 !== null,
    filesMax: engine.limits.folderFilesMax,
    ...(file.format !== undefined && { format: file.format }),
  };
}

/** A folder or a pattern where one file is wanted; a source of many comes here only without a part. */
export function folderInPlaceOfFile(
  { role, declaredPath, format = 'jsonl' }: Pick<DeclaredFile, 'role' | 'declaredPath' | 'format'>,
  { splits }: { splits: readonly unknown[] },
): Unreachable {
  if (role !== 'asset' || splits.length > 0)
    return unreadable(
      declaredPath,
      `it is a ${isGlobLocation(declaredPath) ? 'pattern' : 'folder'}, and only records may come as many files`,
    );
  return {
    kind: 'unreachable',
    cause: 'missing',
    code: ERROR_CODES.folder_empty,
    message: isGlobLocation(declaredPath)
      ? `No file is meant by ${declaredPath}, and none ever was.`
      : `The folder ${declaredPath} holds no *.${format} file, and never did.`,
    next: 'Put the first file in place or mend the declared path, then run the same command again.',
  };
}
