extension DynamoDB {
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
}
