internal import AWSMaterialProviders
internal import ESDKCrypto
internal import StrictJSON

/// Items and expressions between their values here and DynamoDB's JSON.
enum AttributeCoding {
    /// An item as JSON.
    ///
    /// Attributes are in the order of their names' bytes, so that equal items give equal requests.
    ///
    /// - Parameters:
    ///   - item: the item.
    ///   - operation: the operation, for errors.
    /// - Throws: `AWSServiceError` for a value that is only ever read.
    static func encode(_ item: DynamoDB.Item, operation: String) throws(AWSServiceError) -> JSONValue {
        var object = JSONObject()
        let attributes = item.map { (name: $0.key.description, value: $0.value) }
        for (name, value) in attributes.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            object[name] = try encode(value, operation: operation)
        }
        return .object(object)
    }

    /// The members of a write.
    ///
    /// - Parameters:
    ///   - put: the write.
    ///   - operation: the operation, for errors.
    /// - Throws: `AWSServiceError` for a value that is only ever read.
    static func encode(_ put: DynamoDB.Put, operation: String) throws(AWSServiceError) -> JSONObject {
        var object: JSONObject = ["TableName": .string(put.tableName)]
        object["Item"] = try encode(put.item, operation: operation)
        if let condition = put.condition {
            object["ConditionExpression"] = .string(condition.expression)
            try add(condition, to: &object, operation: operation)
        }
        return object
    }

    /// Adds the names and values that an expression refers to; DynamoDB refuses empty collections of them.
    ///
    /// - Parameters:
    ///   - condition: the expression.
    ///   - object: the members of a request.
    ///   - operation: the operation, for errors.
    /// - Throws: `AWSServiceError` for a value that is only ever read.
    static func add(
        _ condition: DynamoDB.Condition,
        to object: inout JSONObject,
        operation: String
    ) throws(AWSServiceError) {
        if !condition.names.isEmpty {
            var names = JSONObject()
            for (key, value) in condition.names.sorted(by: { $0.key < $1.key }) { names[key] = .string(value) }
            object["ExpressionAttributeNames"] = .object(names)
        }
        if !condition.values.isEmpty {
            var values = JSONObject()
            for (key, value) in condition.values.sorted(by: { $0.key < $1.key }) {
                values[key] = try encode(value, operation: operation)
            }
            object["ExpressionAttributeValues"] = .object(values)
        }
    }

    private static func encode(
        _ value: DynamoDB.AttributeValue,
        operation: String
    ) throws(AWSServiceError) -> JSONValue {
        switch value {
        case .string(let text): return ["S": .string(text)]
        case .number(let text): return ["N": .string(text)]
        case .binary(let bytes): return ["B": .string(Base64.encode(bytes))]
        case .boolean(let truth): return ["BOOL": .bool(truth)]
        case .null: return ["NULL": true]
        case .unsupported(let type):
            throw AWSServiceError(
                .invalidConfiguration,
                "values of the type \(type) cannot be written",
                service: ServiceDescription.dynamoDB.name,
                operation: operation,
                attempts: 0
            )
        }
    }

    /// An item from JSON.
    ///
    /// - Parameters:
    ///   - value: the item as JSON.
    ///   - answer: what it is part of.
    /// - Throws: `AWSServiceError` with code `invalidResponse`.
    static func decode(_ value: JSONValue, in answer: JSONAnswer) throws(AWSServiceError) -> DynamoDB.Item {
        guard let object = value.object else { throw answer.broken("has \(value.kind) as an item") }
        var item: DynamoDB.Item = [:]
        for member in object.members {
            item[DynamoDB.AttributeName(member.name)] = try decode(attribute: member.value, in: answer)
        }
        return item
    }

    private static func decode(
        attribute value: JSONValue,
        in answer: JSONAnswer
    ) throws(AWSServiceError) -> DynamoDB.AttributeValue {
        guard let object = value.object, object.count == 1, let member = object.members.first else {
            throw answer.broken("has an attribute value that is not an object of one member")
        }
        switch (member.name, member.value) {
        case ("S", .string(let text)): return .string(text)
        case ("N", .string(let text)): return .number(text)
        case ("BOOL", .bool(let truth)): return .boolean(truth)
        case ("NULL", .bool): return .null
        case ("B", .string(let text)):
            guard let bytes = Base64.decode(text) else { throw answer.broken("has a B that is not Base64") }
            return .binary(bytes)
        case ("S", _), ("N", _), ("BOOL", _), ("NULL", _), ("B", _):
            throw answer.broken("has an attribute value of another type than it says")
        case (let type, _):
            return .unsupported(type: type)
        }
    }
}
