/** The settings of the schema as a flat list, with the spellings that each has. */
import { z } from 'zod';
import { configSchema } from './schema.js';
import { shapeOf, type SettingShape } from './setting-kinds.js';

export interface Setting extends SettingShape {
  /** `web.listen_address`. */
  readonly key: string;
  readonly path: readonly string[];
  /** `--web.listen-address`. */
  readonly flag: string;
  /** `SELFHEALER_WEB_LISTEN_ADDRESS`. */
  readonly env: string;
  /** As it would be written; undefined when there is none. */
  readonly defaultValue: unknown;
  readonly description: string;
}

export const ENV_PREFIX = 'SELFHEALER_';
export const SETTINGS: readonly Setting[] = settingsOf(configSchema, []);

/** Where the YAML file is. No setting of the file itself. */
export const CONFIG_FILE = spellings(['config', 'file']);

function spellings(path: readonly string[]): {
  readonly key: string;
  readonly flag: string;
  readonly env: string;
} {
  const key = path.join('.');
  return {
    key,
    flag: `--${key.replaceAll('_', '-')}`,
    env: `${ENV_PREFIX}${key.replaceAll('.', '_').toUpperCase()}`,
  };
}

/** `listen_address` is `listenAddress`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function settingsOf(group: z.ZodObject, path: readonly string[]): readonly Setting[] {
  return Object.entries<z.core.$ZodType>(group.shape).flatMap(([name, schema]) => {
    const inner = unwrap(schema);
    const innerPath = [...path, name];
    if (inner instanceof z.ZodObject) return settingsOf(inner, innerPath);
    const shape = inner instanceof z.ZodType ? shapeOf(inner) : undefined;
    const description = schema instanceof z.ZodType ? schema.description : undefined;
    if (shape === undefined || description === undefined) {
      throw new Error(`${innerPath.join('.')}: expected a setting with a shape and a description`);
    }
    return [
      {
        ...spellings(innerPath),
        ...shape,
        path: innerPath,
        defaultValue: schema instanceof z.ZodPrefault ? schema.def.defaultValue : undefined,
        description,
      },
    ];
  });
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const isWrapper = schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return isWrapper ? unwrap(schema.unwrap()) : schema;
}
