import Testing

@testable import StrictJSON

/// Objects that are read member by member, since a tree of all of them would be too large.
@Suite struct JSONDeferringTests {
    /// The value with the members put where they were left out.
    private func whole(_ text: String) throws -> (value: JSONValue, deferred: Int?) {
        let bytes = Array(text.utf8)
        let (value, deferred) = try StrictJSON.parse(bytes, source: "test", deferring: [JSONName("tests")])
        guard let members = deferred[JSONName("tests")] else { return (value, nil) }
        #expect(value["tests"] == [:])
        var object = try #require(value.object)
        var tests: [JSONObject.Member] = []
        try StrictJSON.forEachMember(of: members, in: bytes, source: "test") {
            tests.append(.init(name: $0, value: $1))
        }
        #expect(tests.count == members.count)
        object["tests"] = .object(JSONObject(tests))
        return (.object(object), members.count)
    }

    @Test(arguments: [
        (#"{"tests":{}}"#, 0), (#"{"tests":{"a":1}}"#, 1),
        ("{ \"tests\" : {\n \"a\" : { } , \"b\" : [ 1 , {} ] } }", 2),
        (#"{"a":{"tests":{"x":1}},"tests":{"y":{"tests":{"z":"}"}},"x":"{","a\u0041":null},"z":"end"}"#, 3),
        (#"{"n\u0000":1,"tests":{"m\u0000":{"k\u0000":123456789012345678901234567890},"o":1.5e3},"b":-0}"#, 2),
        (#"{"\u0074ests":{"é":"😀"},"big":123456789012345678901234567890}"#, 1),
    ])
    func theMembersAreThoseOfTheTree(text: String, count: Int) throws {
        let found = try whole(text)
        #expect(found.deferred == count)
        #expect(found.value == (try StrictJSON.parse(Array(text.utf8), source: "test")))
    }

    @Test(arguments: [
        #"{"tests":[]}"#, #"{"tests":null}"#, #"{"tests":"{}"}"#, #"[{"tests":{}}]"#, #"{"a":{"tests":{}}}"#,
        #"{"Tests":{"a":1}}"#, #""tests""#,
    ])
    func onlyObjectsOfTheOutermostObjectAreLeftOut(text: String) throws {
        let found = try whole(text)
        #expect(found.deferred == nil)
        #expect(found.value == (try StrictJSON.parse(Array(text.utf8), source: "test")))
    }

    @Test(arguments: [
        #"{"tests":{"a":1,"a":2}}"#, #"{"tests":{"a":{"b":1,"b":2}}}"#, #"{"tests":{"a":1},"tests":{}}"#,
        #"{"tests":{"a":1,}}"#, #"{"tests":{"a" 1}}"#, #"{"tests":{"a":nul}}"#, #"{"tests":{"a":1}"#, #"{"tests":{"#,
        #"{"tests":{"a":"\ud800"}}"#, #"{"tests":{a:1}}"#, #"{"tests":{"a":1e999}}"#, #"{"tests":{"a":1}}x"#,
        #"{"tests":{"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":{"x":1},"9":1,"10":1,"1":1}}"#,
    ])
    func whatIsWrongIsFoundAtOnceAndAtItsPlace(text: String) throws {
        let expected = #expect(throws: JSONError.self) { try StrictJSON.parse(Array(text.utf8), source: "test") }
        let found = #expect(throws: JSONError.self) { try whole(text) }
        #expect(found?.description == expected?.description)
    }

    @Test func nestingIsCountedFromTheOutermostValue() throws {
        for depth in [61, 62, 63] {
            let text =
                #"{"tests":{"a":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}}"
            let isRefused = (try? StrictJSON.parse(Array(text.utf8), source: "test")) == nil
            #expect(((try? whole(text)) == nil) == isRefused)
        }
    }
}
