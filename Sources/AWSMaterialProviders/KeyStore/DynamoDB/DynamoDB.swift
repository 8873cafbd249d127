/// The values, requests and responses of DynamoDB, as far as the key store needs them.
public enum DynamoDB {
    /// An item: its attributes by name.
    public typealias Item = [String: AttributeValue]
}
