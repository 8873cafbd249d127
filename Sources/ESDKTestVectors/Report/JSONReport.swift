package import StrictJSON

/// The report for programs.
package enum JSONReport {
    /// The version of the schema.
    private static let schema: Int64 = 1

    /// The report as JSON text, ending in a line feed.
    ///
    /// `complete` comes last: without it the file has been cut off.
    ///
    /// - Throws: when a text cannot be written, which no text of a manifest can be.
    package static func render(_ report: RunReport) throws(JSONError) -> [UInt8] {
        func object(_ members: [(String, JSONValue)]) -> JSONValue {
            .object(JSONObject(members.map { JSONObject.Member(name: $0.0, value: $0.1) }))
        }
        func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
        func counts(_ counts: Counts) -> [(String, JSONValue)] {
            [
                ("total", .integer(Int64(counts.total))), ("passed", .integer(Int64(counts.passed))),
                ("failed", .integer(Int64(counts.failed))), ("skipped", .integer(Int64(counts.skipped))),
            ]
        }
        let client = object([
            ("name", .string(report.client.name)), ("version", .string(report.client.version)),
            ("libcrypto", .string(report.client.libcrypto)),
        ])
        let repetition = report.repetition.map {
            object([("command", .string($0.command)), ("options", .string($0.options))])
        }
        let sets = report.sets.map { set in
            object([("path", .string(set.path)), ("client", .string("\(set.producer)"))] + counts(set.counts))
        }
        let tests = report.sets.flatMap { set in
            set.results.map { result -> JSONValue in
                var members = [
                    ("id", .string(result.id)), ("set", .string(set.path)), ("description", text(result.description)),
                    ("status", .string(result.status.rawValue)), ("suite", text(result.suite)),
                    ("keyring", text(result.keyring)),
                    (
                        "cases",
                        .array(
                            result.cases.map { item in
                                object([
                                    ("name", .string(item.name)), ("status", .string(item.status.rawValue)),
                                    ("reason", text(item.reason)),
                                ])
                            }
                        )
                    ),
                    ("reason", text(result.reason)), ("failure", text(result.failure?.rawValue)),
                ]
                if let keys = result.keyDescription,
                    let value = try? StrictJSON.parse(Array(keys.utf8), source: "a key description")
                {
                    members.append(("key_description", value))
                }
                if let known = result.known { members.append(("known", .string(known))) }
                if !result.message.isEmpty { members.append(("message", .array(result.message.map(\.json)))) }
                return object(members)
            }
        }
        let root = object(
            [("schema", .integer(schema)), ("client", client), ("sets", .array(sets))] + counts(report.counts) + [
                ("duration_seconds", .number(report.seconds)), ("repeat", repetition ?? .null),
                ("tests", .array(tests)), ("selected", .integer(Int64(report.selectedCount))),
                ("ended", .string(report.ending.rawValue)),
                ("complete", .bool(report.isComplete)),
            ]
        )
        return try StrictJSON.serialize(root, pretty: true) + [UInt8(ascii: "\n")]
    }
}
