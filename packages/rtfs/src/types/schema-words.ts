/** JSON Schema's words (R15.21, R15.22): which describe, which this package has no counterpart for, and the formats. */

/** Keywords that only describe and are kept as metadata. */
export const DESCRIBING = ['title', 'description', 'default', 'examples'] as const;

/** Keywords that constrain and have no counterpart: under `strict` the import fails, else they are told. */
export const UNSUPPORTED = [
  '$dynamicRef',
  '$recursiveRef',
  'contains',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
  'else',
  'if',
  'maxContains',
  'minContains',
  'patternProperties',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
] as const;

/** Predicates that are formats. A format that is none of these only describes. */
export const FORMATS: Readonly<Record<string, string>> = {
  'is-url': 'uri',
  'is-email': 'email',
  'is-uuid': 'uuid',
  'is-date': 'date',
  'is-timestamp': 'date-time',
};

/** How a `$comment` begins that says more than the schema can: the type's own text follows. */
export const COMMENT = 'rtfs: ';
