import TestSupport
import Testing

/// Input that cannot be run: one line on standard error that says what to do, exit code 2, and nothing else.
@Suite("esdk vectors decrypt: input that cannot be run")
struct BadInputTests {
    /// What is wrong with a folder, and what is said about it.
    struct Mistake: CustomTestStringConvertible {
        let testDescription: String
        /// The path that is given.
        var path = "set"
        let complaint: String
        let make: @Sendable (TemporaryFolder) throws -> Void
    }

    private static func manifest(_ testDescription: String, _ text: String, _ complaint: String) -> Mistake {
        Mistake(testDescription: testDescription, complaint: "set/manifest.json: \(complaint)") { folder in
            try folder.write("set/manifest.json", text)
            try folder.write("set/keys.json", VectorSetText.keys)
        }
    }

    /// A good manifest beside these keys.
    private static func keys(_ testDescription: String, _ text: String, _ complaint: String) -> Mistake {
        Mistake(testDescription: testDescription, complaint: "set/keys.json: keys manifest: \(complaint)") { folder in
            try folder.writeSet("set", [.passing("t")])
            try folder.write("set/keys.json", text)
        }
    }

    private static func header(_ type: String, _ version: Int) -> String {
        #"{"manifest": {"type": "\#(type)", "version": \#(version)}, "keys": "file://keys.json", "tests": {}}"#
    }

    static let mistakes = [
        Mistake(
            testDescription: "missing path",
            complaint: "set: no such file or folder; check the path"
        ) { _ in },
        Mistake(
            testDescription: "empty path",
            path: "",
            complaint: "\"\": no such file or folder; check the path"
        ) { _ in },
        Mistake(
            testDescription: "empty folder",
            complaint:
                "set: no decrypt manifest in this folder or one level down; name a manifest or the folder of a set"
        ) { try $0.makeFolder("set") },
        Mistake(
            testDescription: "a message instead of a manifest",
            path: "set/ciphertexts/unsigned",
            complaint: "set/ciphertexts/unsigned: not JSON: line 1, column 1: "
                + "expected a value, found byte 0x02; correct the file"
        ) { try $0.writeSet("set", [.passing("t")]) },
        Mistake(
            testDescription: "a zip archive",
            path: "set.zip",
            complaint: "set.zip: a zip archive; unpack it and name the folder"
        ) { try $0.write("set.zip", [0x50, 0x4B, 0x03, 0x04, 0x14]) },
        manifest(
            "empty file",
            "",
            "not JSON: line 1, column 1: the document ends where a value should be; correct the file"
        ),
        manifest("not JSON", "<xml/>", "not JSON: line 1, column 1: expected a value, found '<'; correct the file"),
        manifest(
            "truncated JSON",
            "{\"manifest\": {\n  \"type\": \"awses-decrypt\"",
            "not JSON: line 2, column 26: the document ends where ',' or '}' should be; correct the file"
        ),
        manifest(
            "duplicate members",
            "{\"manifest\": 1,\n\"manifest\": 2}",
            "not JSON: line 2, column 1: duplicate member \"manifest\" (first at line 1, column 2); correct the file"
        ),
        manifest("an array", "[]", "an array, not an object, so not a manifest"),
        manifest(
            "no header",
            "{}",
            "not a manifest: it has no \"manifest\" member that tells its type; name a decrypt manifest (awses-decrypt)"
        ),
        manifest(
            "unknown type",
            header("awses-dekrypt", 2),
            "manifest type \"awses-dekrypt\" is not known; name a decrypt manifest (awses-decrypt)"
        ),
        manifest(
            "unknown version",
            header("awses-decrypt", 6),
            "awses-decrypt version 6 is not known; versions 1, 2, 3, 4, 5 are"
        ),
        manifest(
            "encrypt manifest",
            header("awses-encrypt", 2),
            "is an encrypt manifest (awses-encrypt v2): nothing to decrypt here; "
                + "name a decrypt manifest (awses-decrypt)"
        ),
        manifest(
            "no tests",
            header("awses-decrypt", 2),
            "the set has no tests: nothing to decrypt; name another manifest"
        ),
        Mistake(
            testDescription: "no keys manifest",
            complaint: "set/keys.json: keys manifest: no such file; set/manifest.json names it"
        ) { folder in
            try folder.writeSet("set", [.passing("t")])
            try folder.remove("set/keys.json")
        },
        keys(
            "keys manifest empty",
            "",
            "not JSON: line 1, column 1: the document ends where a value should be; correct the file"
        ),
        keys(
            "keys manifest truncated",
            #"{"manifest": {"type": "keys", "version": 3}, "keys": {"#,
            "not JSON: line 1, column 55: "
                + "the document ends where a member name in quotation marks should be; correct the file"
        ),
        keys(
            "keys manifest of an unknown version",
            #"{"manifest": {"type": "keys", "version": 9}, "keys": {}}"#,
            "keys version 9 is not known; versions 1, 2, 3, 4 are"
        ),
    ]

    @Test("one line says what is wrong and what to do", arguments: mistakes)
    func mistake(_ mistake: Mistake) throws {
        let folder = try TemporaryFolder()
        try mistake.make(folder)
        let output = try ESDK.decrypt(mistake.path, in: folder)
        #expect(output.standardError == "esdk: \(mistake.complaint)\n")
        #expect(output.standardOutput == "")
        #expect(output.status == 2)
    }

    @Test("one set that cannot be loaded stops the run before any test")
    func oneOfSeveral() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("good", [.passing("t")])
        #expect(
            try ESDK.decrypt("good", "bad", in: folder)
                == ESDK.Output(
                    status: 2,
                    standardOutput: "",
                    standardError: "esdk: bad: no such file or folder; check the path\n"
                )
        )
    }

    @Test("a report that cannot be written stops the run before any test", arguments: ["json", "junit", "tap"])
    func unwritableReport(kind: String) throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("t")])
        #expect(
            try ESDK.decrypt("set", "--report", "\(kind)=missing/report", in: folder)
                == ESDK.Output(
                    status: 2,
                    standardOutput: "",
                    standardError:
                        "esdk: missing/report: cannot be opened for the \(kind) report: No such file or directory\n"
                )
        )
        #expect(try ESDK.decrypt("set", "--report", "\(kind)=set", in: folder).status == 2)
    }

    @Test("a report that cannot be completed is named, and the others are written")
    func fullDisk() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("t")])
        let output = try ESDK.decrypt("set", "-q", "--report=json=/dev/full", "--report=tap=report.tap", in: folder)
        #expect(output.status == 2)
        #expect(output.standardOutput == "1 passed, 0 failed, 0 skipped\n")
        #expect(output.standardError == "esdk: /dev/full: cannot be written: No space left on device\n")
        #expect(try folder.text("report.tap") == "TAP version 14\n1..1\nok 1 - set t\n")
    }

    @Test("two reports to one file are refused")
    func oneFileForTwoReports() throws {
        let folder = try TemporaryFolder()
        try folder.writeSet("set", [.passing("t")])
        let output = try ESDK.decrypt("set", "--report=json=report", "--report=tap=./report", in: folder)
        #expect(
            output
                == ESDK.Output(
                    status: 2,
                    standardOutput: "",
                    standardError: "esdk: ./report: the json report goes to this file already; name another one\n"
                )
        )
    }
}
