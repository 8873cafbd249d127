import Foundation
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Output folders")
struct OutputFolderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func start(_ name: String = "out", replaces: Bool = false) throws -> OutputFolder {
        try OutputFolder("\(folder.path)/\(name)", replaces: replaces, subfolders: ["ciphertexts"])
    }

    private func names(_ name: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(name)").sorted()
    }

    private func problem(_ name: String, replaces: Bool = false) -> String {
        do {
            try start(name, replaces: replaces).discard()
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

    @Test("A folder that is not empty is refused, and replaced whole when that is asked for")
    func notEmpty() throws {
        try folder.write("out/keys.json", "old")
        try folder.write("out/ciphertexts/old", "old")
        #expect(problem("out").contains("is not empty"))
        let output = try start(replaces: true)
        try output.write("keys.json", Array("new".utf8))
        #expect(try names("out/ciphertexts") == ["old"])
        try output.commit()
        #expect(try names() == ["out"])
        #expect(try names("out/ciphertexts").isEmpty)
        #expect(try String(contentsOfFile: folder.path + "/out/keys.json", encoding: .utf8) == "new")
    }

    @Test("A folder with other things in it is never replaced", arguments: ["thesis.tex", ".git"])
    func foreignFiles(name: String) throws {
        try folder.write("out/keys.json", "old")
        try folder.write("out/\(name)", "years of work")
        #expect(problem("out", replaces: true).contains("\"\(name)\", which is no part of a written set"))
        #expect(try names("out") == [name, "keys.json"].sorted())
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
        #expect(problem("file").contains("no folder"))
        #expect(problem("file", replaces: true).contains("no folder"))
        #expect(problem("nowhere").contains("leads nowhere"))
        #expect(throws: OutputError.self) { try OutputFolder("", replaces: false, subfolders: []) }
        #expect(throws: OutputError.self) { try OutputFolder("/", replaces: true, subfolders: []) }
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
        #expect(throws: OutputError.self) { try output.write("keys.json", []) }
        output.discard()
    }
}
