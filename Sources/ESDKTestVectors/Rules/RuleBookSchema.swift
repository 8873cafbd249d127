extension RuleBook {
    /// The JSON schema (draft 7) of the file, which lies next to it.
    package static let schema = #"""
        {
          "$schema": "http://json-schema.org/draft-07/schema#",
          "title": "Rules of a set of test vectors for the AWS Encryption SDK",
          "type": "object",
          "required": ["schema", "seed", "numberOfTests", "flags", "rules", "tests"],
          "additionalProperties": false,
          "properties": {
            "$schema": {"type": "string"},
            "schema": {"const": 1, "description": "The version of this schema."},
            "seed": {"type": "string", "description": "What all randomness of the set follows from."},
            "numberOfTests": {"type": "integer", "minimum": 0, "description": "How many members \"tests\" has."},
            "flags": {
              "type": "object",
              "description": "What each flag means.",
              "additionalProperties": {"type": "string", "minLength": 1}
            },
            "rules": {
              "type": "object",
              "description": "The rules, by id.",
              "propertyNames": {"pattern": "^[A-Z][0-9][0-9]$"},
              "additionalProperties": {
                "type": "object",
                "required": ["text", "specification"],
                "additionalProperties": false,
                "properties": {
                  "text": {"type": "string", "minLength": 1, "description": "What must be refused, or must be read."},
                  "specification": {
                    "type": "array",
                    "description": "Statements of the specification: the stem of the file, the heading as an anchor, the number there.",
                    "items": {"type": "string", "pattern": "^[a-z0-9-]+/[a-z0-9/-]+(\\.[0-9]+)?$"}
                  }
                }
              }
            },
            "tests": {
              "type": "object",
              "description": "The tests, by the ids of the manifest, which stay the same from version to version.",
              "propertyNames": {"pattern": "^forge/[A-Za-z0-9]+/[a-z0-9-]+(/[a-z0-9-]+)*$"},
              "additionalProperties": {"$ref": "#/$defs/test"}
            }
          },
          "$defs": {
            "test": {
              "type": "object",
              "required": ["rule", "level", "result", "releasable", "done", "flags", "body", "footer"],
              "additionalProperties": false,
              "properties": {
                "rule": {"type": "string", "pattern": "^[A-Z][0-9][0-9]$"},
                "level": {"enum": ["MUST", "SHOULD"], "description": "How strict the specification is about the result."},
                "result": {"enum": ["opens", "refused"]},
                "stage": {
                  "enum": ["header", "materials", "commitment", "header tag", "body", "signature", "end"],
                  "description": "The step of decryption that refuses the message."
                },
                "code": {"type": "string", "pattern": "^[a-z][A-Za-z0-9]*$", "description": "The fault, in one word."},
                "releasable": {
                  "type": "object",
                  "description": "The most that a stream may have released when it ends: the first bytes of the plaintext.",
                  "required": ["length", "sha256"],
                  "additionalProperties": false,
                  "properties": {
                    "length": {"type": "integer", "minimum": 0},
                    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}
                  }
                },
                "done": {"type": "string", "minLength": 1, "description": "What was done to the message."},
                "flags": {"type": "array", "uniqueItems": true, "items": {"type": "string"}},
                "twin": {"type": "string", "description": "The test of the same message without the fault, which opens."},
                "body": {"type": "integer", "minimum": 0, "description": "Where the body begins, in bytes."},
                "footer": {"type": "integer", "minimum": 0, "description": "Where the body ends, in bytes."}
              },
              "if": {"properties": {"result": {"const": "refused"}}},
              "then": {"required": ["stage", "code", "twin"]},
              "else": {"not": {"anyOf": [{"required": ["stage"]}, {"required": ["code"]}]}}
            }
          }
        }

        """#
}
