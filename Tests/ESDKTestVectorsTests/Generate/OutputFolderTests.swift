import ESDKSystem
import Foundation
import Glibc
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Output folders")
struct OutputFolderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func start(
        _ name: String = "out",
        replaces: Bool = false,
        inputs: [String] = []
    ) throws -> OutputFolder {
        let inputs = inputs.map { "\(folder.path)/\($0)" }
        return try OutputFolder(
            "\(folder.path)/\(name)",
            replaces: replaces,
            inputs: inputs,
            subfolders: ["ciphertexts"]
        )
    }

    /// A set that has been written.
    private func writeSet(in name: String = "out") throws {
        try folder.write("\(name)/manifest.json", Fixture.manifest("\"t\": \(Fixture.test)"))
        try folder.write("\(name)/keys.json", Fixture.keys())
        try folder.write("\(name)/unsupported.json", #"{"other": "no such keyring"}"#)
        try folder.write("\(name)/ciphertexts/c", "old")
        try folder.write("\(name)/plaintexts/p", "old")
    }

    private func names(_ name: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(name)").sorted()
    }

    private func problem(_ name: String, replaces: Bool = false, inputs: [String] = []) -> String {
        do {
            try start(name, replaces: replaces, inputs: inputs).discard()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("Nothing is in the place until the folder is complete, and then all of it")
    func completeOrAbsent() throws {
        let output = try start()
        try output.write("keys.json", [1])
        try output.write("ciphertexts/a", [2, 3])
        #expect(try !names().contains("out"))
        try output.commit()
        #expect(try names() == ["out"])
        #expect(try names("out") == ["ciphertexts", "keys.json"])
    }

    @Test("What is discarded leaves nothing, files in subfolders included")
    func discarded() throws {
        let output = try start()
        try output.write("ciphertexts/a", [2, 3])
        output.discard()
        #expect(try names().isEmpty)
    }

    @Test("An empty folder is filled")
    func emptyFolder() throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/out", withIntermediateDirectories: true)
        let output = try start()
        try output.write("keys.json", [])
        try output.commit()
        #expect(try names("out") == ["ciphertexts", "keys.json"])
    }

    @Test("A folder that is not empty is refused, and a set in it replaced whole when that is asked for")
    func notEmpty() throws {
        try writeSet()
        #expect(problem("out").contains("is not empty"))
        let output = try start(replaces: true)
        try output.write("keys.json", Array("new".utf8))
        #expect(try names("out/ciphertexts") == ["c"])
        try output.commit()
        #expect(try names() == ["out"])
        #expect(try names("out") == ["ciphertexts", "keys.json"])
        #expect(try names("out/ciphertexts").isEmpty)
        #expect(try String(contentsOfFile: folder.path + "/out/keys.json", encoding: .utf8) == "new")
    }

    @Test("A set without messages or without a list of what could not be written is one all the same")
    func poorSet() throws {
        try folder.write("out/decrypt-manifest.json", Fixture.manifest("", version: 5))
        try folder.write("out/keys.json", Fixture.keys())
        try FileManager.default.createDirectory(
            atPath: folder.path + "/out/plaintexts",
            withIntermediateDirectories: true
        )
        try start(replaces: true).commit()
        #expect(try names("out") == ["ciphertexts"])
    }

    @Test(
        "A folder with anything in it that its manifest does not name is never replaced",
        arguments: [
            "thesis.tex", ".git", "ciphertexts/notes", "plaintexts/letter", "ciphertexts/c.d/e", "more/keys.json",
            "decrypt-manifest.json/x",
        ]
    )
    func foreignFiles(name: String) throws {
        try writeSet()
        try folder.write("out/\(name)", "years of work")
        let first = name.split(separator: "/").first { !["ciphertexts", "plaintexts"].contains($0) } ?? ""
        #expect(problem("out", replaces: true).contains("\(first)\", which is not part of a set in it"))
        #expect(try String(contentsOfFile: "\(folder.path)/out/\(name)", encoding: .utf8) == "years of work")
        #expect(try names() == ["out"])
    }

    @Test("Links and folders in the place of files that the manifest names are not part of the set")
    func otherKinds() throws {
        try writeSet()
        try FileManager.default.removeItem(atPath: folder.path + "/out/plaintexts/p")
        try folder.link("out/plaintexts/p", to: "/etc/passwd")
        #expect(problem("out", replaces: true).contains("\"plaintexts/p\", which is not part"))
        try FileManager.default.removeItem(atPath: folder.path + "/out/plaintexts/p")
        try folder.write("out/plaintexts/p/inner", "")
        #expect(problem("out", replaces: true).contains("\"plaintexts/p\", which is not part"))
    }

    @Test("Without a decrypt manifest of its own, nothing in a folder is a set")
    func noManifest() throws {
        try writeSet()
        try FileManager.default.removeItem(atPath: folder.path + "/out/manifest.json")
        #expect(problem("out", replaces: true).contains("holds \"ciphertexts/c\", which is not part"))
        for manifest in [
            "{", "[]", #"{"manifest": {"type": "awses-encrypt", "version": 5}, "keys": "file://keys.json"}"#,
        ] {
            try folder.write("out/manifest.json", manifest)
            #expect(problem("out", replaces: true).contains("which is not part"))
        }
    }

    @Test("A file of the name of the list of what could not be written is part of a set only if it is such a list")
    func otherList() throws {
        try writeSet()
        try folder.write("out/unsupported.json", #"{"years": ["of work"]}"#)
        #expect(problem("out", replaces: true).contains("\"unsupported.json\", which is not part"))
    }

    @Test("A folder that holds what is read is never replaced, by whatever path it is read")
    func inputs() throws {
        try writeSet()
        try folder.link("keys", to: "out/keys.json")
        try folder.link("same", to: "out")
        for input in ["out/manifest.json", "keys", "same/ciphertexts", "out"] {
            #expect(problem("out", replaces: true, inputs: ["absent", input]).contains("/\(input), which is read"))
        }
        #expect(problem("same", replaces: true, inputs: ["out/keys.json"]).contains("which is read"))
        #expect(problem("out/plaintexts", replaces: true, inputs: ["out/plaintexts"]).contains("which is read"))
        try folder.write("plan/manifest.json", "")
        try start(replaces: true, inputs: ["plan/manifest.json"]).commit()
    }

    @Test("What is put into the place meanwhile is kept, and the set is not written", arguments: [true, false])
    func addedMeanwhile(replaces: Bool) throws {
        if replaces { try writeSet() }
        let output = try start(replaces: replaces)
        try folder.write("out/ciphertexts/work", "years of work")
        let before = try names("out")
        let error = #expect(throws: VectorError.self) { try output.commit() }
        #expect(error?.description.contains(replaces ? "holds \"ciphertexts/work\"" : "is not empty") == true)
        #expect(try names() == ["out"])
        #expect(try names("out") == before)
        #expect(try names("out/ciphertexts").contains("work"))
    }

    @Test("An input that is moved into the place meanwhile is kept")
    func inputMeanwhile() throws {
        try writeSet()
        try folder.write("keys.json", "")
        let output = try start(replaces: true, inputs: ["keys.json"])
        try FileManager.default.removeItem(atPath: folder.path + "/keys.json")
        try folder.link("keys.json", to: "out/keys.json")
        #expect(throws: VectorError.self) { try output.commit() }
        #expect(try names() == ["keys.json", "out"])
        #expect(try names("out").contains("keys.json"))
    }

    @Test("Names that are not UTF-8 are seen, and what bears them is kept")
    func otherEncodings() throws {
        try writeSet()
        let place = SystemPath("\(folder.path)/out")
        let output = try start(replaces: true)
        let name = SystemPath(bytes: [0x63, 0xE9])
        try FileDescriptor.open(place.appending(name), O_WRONLY | O_CREAT).close()
        #expect(problem("out", replaces: true).contains("c\\\\xe9"))
        #expect(throws: VectorError.self) { try output.commit() }
        #expect(try Folder.names(in: place).contains(name))
        #expect(try names() == ["out"])
        Folder.removeAll(place)
        #expect(try names() == [])
    }

    @Test("A place below a folder whose name is not UTF-8 is filled, by way of a link")
    func otherEncodingAbove() throws {
        let real = SystemPath(folder.path).appending(SystemPath(bytes: [0xFF]))
        try Folder.make(real)
        #expect(symlinkat([-1, 0], AT_FDCWD, "\(folder.path)/odd") == 0)
        let output = try OutputFolder("\(folder.path)/odd/out", replaces: true, subfolders: [])
        try output.write("keys.json", [])
        try output.commit()
        #expect(try Folder.names(in: real) == ["out"])
        #expect(try Folder.names(in: real.appending("out")) == ["keys.json"])
    }

    @Test("A folder keeps its permissions, filled or replaced", arguments: [true, false])
    func permissions(isReplaced: Bool) throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/out", withIntermediateDirectories: true)
        if isReplaced { try writeSet() }
        for permissions: UInt32 in [0o700, 0o775] {
            if permissions == 0o775, isReplaced { try writeSet() }
            chmod(folder.path + "/out", permissions)
            let output = try start(replaces: isReplaced)
            if isReplaced { try output.write("manifest.json", Array(Fixture.manifest("").utf8)) }
            try output.commit()
            #expect(try FileStatus(of: SystemPath(folder.path + "/out")).permissions == permissions)
            if !isReplaced { try FileManager.default.removeItem(atPath: folder.path + "/out/ciphertexts") }
        }
    }

    @Test("What lies beside is left alone: a link leads to its folder")
    func link() throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/real", withIntermediateDirectories: true)
        try folder.link("out", to: "real")
        let output = try start()
        try output.write("keys.json", [])
        try output.commit()
        #expect(try names("real") == ["ciphertexts", "keys.json"])
        #expect(try names() == ["out", "real"])
    }

    @Test("Places that cannot be filled are refused with the reason")
    func badPlaces() throws {
        try folder.write("file", "")
        try folder.link("nowhere", to: "absent")
        #expect(problem("absent/out").contains("there is no folder"))
        #expect(problem("file").contains("is not a folder"))
        #expect(problem("file", replaces: true).contains("is not a folder"))
        #expect(problem("nowhere").contains("leads nowhere"))
        #expect(throws: VectorError.self) { try OutputFolder("", replaces: false, subfolders: []) }
        #expect(throws: VectorError.self) { try OutputFolder("/", replaces: true, subfolders: []) }
        #expect(try names() == ["file", "nowhere"])
    }

    @Test("A trailing slash and dots name the same place", arguments: ["out/", "./out", "sub/../out//"])
    func spellings(name: String) throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/sub", withIntermediateDirectories: true)
        try start(name).commit()
        #expect(try names() == ["out", "sub"])
    }

    @Test("A file is not written twice")
    func twice() throws {
        let output = try start()
        try output.write("keys.json", [])
        #expect(throws: VectorError.self) { try output.write("keys.json", []) }
        output.discard()
    }
}
