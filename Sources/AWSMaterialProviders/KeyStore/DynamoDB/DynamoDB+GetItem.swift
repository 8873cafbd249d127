extension DynamoDB {
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
}
