import Testing

@testable import AWSServiceClients

struct CommandLineSplittingTests {
    // The words are those that Python's shlex.split gives.
    @Test(arguments: [
        ("a b  c", ["a", "b", "c"]), (" 'a b' \"c d\" ", ["a b", "c d"]), (#"a\ b c\\d"#, ["a b", #"c\d"#]),
        (#""a\"b" 'c\d'"#, [#"a"b"#, #"c\d"#]), ("a'b'c", ["abc"]), ("''", [""]), (#""\x""#, [#"\x"#]), ("", []),
        ("$HOME `x` *", ["$HOME", "`x`", "*"]),
    ])
    func splitsAsAShell(line: String, words: [String]) {
        #expect(CommandLineSplitting.words(of: line) == words)
    }

    @Test(arguments: ["'a", "\"a", "a\\"])
    func whatDoesNotEndIsRefused(line: String) {
        #expect(CommandLineSplitting.words(of: line) == nil)
    }
}
