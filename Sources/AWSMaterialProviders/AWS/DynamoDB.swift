/// The values, requests and responses of DynamoDB, as far as the key store needs them.
public enum DynamoDB {
    /// An item: its attributes by name.
    public typealias Item = [AttributeName: AttributeValue]

    /// The name of an attribute.
    ///
    /// Names are told apart by their UTF-8 bytes, as DynamoDB does: é in one character and in two are two names.
    public struct AttributeName: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
        /// The name as UTF-8.
        let bytes: [UInt8]

        /// A name as UTF-8.
        init(bytes: [UInt8]) { self.bytes = bytes }

        /// A name.
        public init(_ text: String) { bytes = Array(text.utf8) }

        /// A name.
        public init(stringLiteral text: String) { self.init(text) }

        /// The name.
        public var description: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// The value of one attribute.
    public enum AttributeValue: Sendable, Hashable {
        /// Text (`S`).
        case string(String)
        /// A number as DynamoDB writes it (`N`).
        case number(String)
        /// Bytes (`B`).
        case binary([UInt8])
        /// A truth value (`BOOL`).
        case boolean(Bool)
        /// Nothing (`NULL`).
        case null
        /// A value of a type that no item of a key store has, such as a list; `type` is DynamoDB's name, such as `L`.
        ///
        /// It is only ever read, never written.
        case unsupported(type: String)
    }

    /// An expression with the names and values that it refers to.
    public struct Condition: Sendable, Hashable {
        /// The expression, in which every attribute stands as `#name` and every value as `:value`.
        public let expression: String
        /// The attribute that each `#name` stands for.
        public let names: [String: String]
        /// The value that each `:value` stands for.
        public let values: [String: AttributeValue]

        /// A condition of the given parts.
        public init(_ expression: String, names: [String: String], values: [String: AttributeValue] = [:]) {
            self.expression = expression
            self.names = names
            self.values = values
        }
    }

    /// What is asked of DynamoDB GetItem.
    public struct GetItemRequest: Sendable {
        /// The table.
        public let tableName: String
        /// The attributes of the primary key.
        public let key: Item
        /// Whether every write that was answered before must be seen.
        public let consistentRead: Bool

        /// A request of the given parts.
        public init(tableName: String, key: Item, consistentRead: Bool = false) {
            self.tableName = tableName
            self.key = key
            self.consistentRead = consistentRead
        }
    }

    /// What is asked of DynamoDB Query.
    public struct QueryRequest: Sendable {
        /// The table.
        public let tableName: String
        /// Which partition, and which sort keys within it.
        public let keyCondition: Condition
        /// Whether every write that was answered before must be seen.
        public let consistentRead: Bool

        /// A request of the given parts.
        public init(tableName: String, keyCondition: Condition, consistentRead: Bool = false) {
            self.tableName = tableName
            self.keyCondition = keyCondition
            self.consistentRead = consistentRead
        }
    }

    /// The write of one item, alone or in a transaction.
    public struct Put: Sendable {
        /// The table.
        public let tableName: String
        /// The whole item; it takes the place of one with the same primary key.
        public let item: Item
        /// What must hold of the item that is there; nil for nothing.
        public let condition: Condition?

        /// A write of the given parts.
        public init(tableName: String, item: Item, condition: Condition? = nil) {
            self.tableName = tableName
            self.item = item
            self.condition = condition
        }
    }

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
