extension DynamoDB {
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
}
