extension DynamoDB {
    /// A column of the primary key of a table.
    public struct KeyAttribute: Sendable, Hashable {
        /// Which part of the primary key it is.
        public enum Role: String, Sendable {
            /// The partition key.
            case hash = "HASH"
            /// The sort key.
            case range = "RANGE"
        }

        /// What its values are.
        public enum ValueType: String, Sendable {
            /// Text.
            case string = "S"
            /// A number.
            case number = "N"
            /// Bytes.
            case binary = "B"
        }

        /// The attribute.
        public let name: String
        /// Which part of the primary key it is.
        public let role: Role
        /// What its values are.
        public let type: ValueType

        /// A column of the given parts.
        public init(name: String, role: Role, type: ValueType = .string) {
            self.name = name
            self.role = role
            self.type = type
        }
    }

    /// What is asked of DynamoDB CreateTable: a table that is billed by request.
    public struct CreateTableRequest: Sendable {
        /// The table.
        public let tableName: String
        /// The columns of the primary key.
        public let keySchema: [KeyAttribute]

        /// A request of the given parts.
        public init(tableName: String, keySchema: [KeyAttribute]) {
            self.tableName = tableName
            self.keySchema = keySchema
        }
    }

    /// What DynamoDB says of a table.
    public struct TableDescription: Sendable {
        /// The ARN of the table.
        public let arn: String
        /// The state, such as `CREATING` or `ACTIVE`.
        public let status: String
        /// The columns of the primary key.
        public let keySchema: [KeyAttribute]

        /// A description of the given parts.
        public init(arn: String, status: String, keySchema: [KeyAttribute]) {
            self.arn = arn
            self.status = status
            self.keySchema = keySchema
        }
    }
}
