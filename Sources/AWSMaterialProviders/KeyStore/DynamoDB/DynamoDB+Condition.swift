extension DynamoDB {
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
}
