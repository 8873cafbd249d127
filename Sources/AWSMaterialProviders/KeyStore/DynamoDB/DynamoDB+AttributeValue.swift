extension DynamoDB {
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
}
