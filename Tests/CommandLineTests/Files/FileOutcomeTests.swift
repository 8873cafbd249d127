import ESDKSystem
import Foundation
import Glibc
import TestSupport
import Testing

/// What becomes of files that are there, who may read the result, and what a pipe gets to see.
@Suite("esdk encrypt, esdk decrypt: output")
struct OutputTests {
    private let files: FileFolder
    private var folder: TemporaryFolder { files.folder }

    init() throws { files = try FileFolder() }

    @Test func anExistingFileNeedsForceAndKeepsItsPermissions() throws {
        try folder.write("plain.esdk", "before")
        files.set("plain.esdk", 0o640)
        let output = try files.esdk("encrypt", "plain")
        #expect(output.status == 2)
        #expect(output.standardError == "esdk: plain: cannot create plain.esdk: File exists; --force replaces it\n")
        #expect(try folder.text("plain.esdk") == "before")
        try files.expectSuccess("encrypt", "plain", "--force")
        #expect(try files.permissions("plain.esdk") == "640")
    }

    @Test func aLinkIsFollowedWithForceOnly() throws {
        try folder.write("elsewhere/target", "before")
        try folder.link("link", to: "elsewhere/target")
        let output = try files.esdk("encrypt", "plain", "-o", "link")
        #expect(output.status == 2)
        #expect(output.standardError.contains("it is a symbolic link; --force follows it"))
        #expect(try folder.text("elsewhere/target") == "before")
        try files.expectSuccess("encrypt", "plain", "-o", "link", "--force")
        #expect(try folder.read("elsewhere/target").first == 2)
    }

    @Test(arguments: [("600", "600"), ("644", "644"), ("640", "640"), ("400", "600"), ("666", "644")])
    func plaintextIsNeverMoreOpenThanItsMessage(message: String, plaintext: String) throws {
        try files.expectSuccess("encrypt", "plain")
        try folder.remove("plain")
        files.set("plain.esdk", mode_t(message, radix: 8) ?? 0)
        let output = try files.shell("umask 022; \"$esdk\" decrypt plain.esdk $key")
        #expect(output.status == 0)
        #expect(try files.permissions("plain") == plaintext)
    }

    @Test func plaintextOfAPipeIsPrivate() throws {
        let output = try files.shell("umask 0; \"$esdk\" encrypt plain -o - $key | \"$esdk\" decrypt - -o back $key")
        #expect(output.status == 0)
        #expect(try files.permissions("back") == "600")
    }

    @Test func aMessageIsNotMoreOpenThanItsPlaintext() throws {
        files.set("plain", 0o600)
        try files.expectSuccess("encrypt", "plain")
        #expect(try files.permissions("plain.esdk") == "600")
    }

    @Test func foldersAreNotMoreOpenThanTheirOrigin() throws {
        try folder.write("in/sub/a", "a")
        files.set("in/sub", 0o700)
        try files.expectSuccess("encrypt", "-q", "-r", "in", "-o", "out")
        #expect(try files.permissions("out/sub") == "700")
    }

    @Test func inputAndOutputMayBeTheSameWithForce() throws {
        try files.expectSuccess("encrypt", "plain", "-o", "plain", "--force")
        try files.expectSuccess("decrypt", "plain", "-o", "plain", "--force")
        #expect(try folder.read("plain") == FileFolder.plaintext)
    }

    @Test func devicesAreWrittenThrough() throws {
        try files.expectSuccess("encrypt", "plain")
        try files.expectSuccess("decrypt", "plain.esdk", "-o", "/dev/null")
        let output = try files.shell(
            "\"$esdk\" decrypt plain.esdk -o /dev/stdout $key | cat; ls -l /dev/null | cut -c1"
        )
        #expect(output.standardOutput == "Hello, files!\nc\n")
    }

    @Test func severalFilesNeedAFolder() throws {
        let output = try files.esdk("decrypt", "a.esdk", "b.esdk", "-o", "/dev/null")
        #expect(output.status == 2)
        #expect(output.standardError.contains("/dev/null is a device: several files need a folder for -o, or --verify"))
        #expect(try files.esdk("encrypt", "plain", "key", "-o", "-").status == 2)
    }

    @Test func aMessageIsNotWrittenToATerminal() throws {
        // script(1) gives the command a terminal.
        let output = try files.shell(
            "command -v script >/dev/null || { echo 'not text for a terminal'; exit; }; "
                + "script -qec \"$esdk encrypt plain -o - $key\" /dev/null </dev/null; "
        )
        #expect(output.standardOutput.contains("not text for a terminal"))
    }

    // MARK: - Before the signature holds

    /// A message of several frames with a damaged signature.
    private func writeDamaged(_ suite: String, at offset: Int) throws {
        try folder.write("plain", [UInt8](repeating: 0x41, count: 1_000_000))
        try files.expectSuccess("encrypt", "plain", "-o", "message", "--suite", suite)
        var bytes = try folder.read("message")
        bytes[bytes.count + offset] ^= 1
        try folder.write("message", bytes)
    }

    @Test func nothingOfASignedMessageReachesAPipeBeforeItsSignatureHolds() throws {
        try writeDamaged("0578", at: -1)
        let output = try files.shell("\"$esdk\" decrypt message -o - $key | wc -c")
        #expect(output.standardOutput.trimmingCharacters(in: .whitespaces) == "0\n")
        #expect(output.standardError.contains("signature"))
        #expect(try files.esdk("decrypt", "message", "-o", "back").status == 1)
        #expect(!folder.names.contains("back"))
    }

    @Test func framesAreReleasedBeforeTheSignatureWhenAskedFor() throws {
        try writeDamaged("0578", at: -1)
        let output = try files.shell("\"$esdk\" decrypt message -o - --release-unverified $key >out; echo $?")
        #expect(output.standardOutput == "1\n")
        #expect(try folder.read("out").count > 500_000)
        #expect(try files.esdk("decrypt", "message", "-o", "back", "--release-unverified").status == 1)
        #expect(!folder.names.contains("back"))
    }

    @Test func framesOfAnUnsignedMessageReachAPipeAtOnce() throws {
        try writeDamaged("0478", at: -1)
        let output = try files.shell("\"$esdk\" decrypt message -o - $key >out; echo $?")
        #expect(output.standardOutput == "1\n")
        #expect(try folder.read("out").count > 500_000)
    }

    @Test func aReaderThatGoesAwayIsNoStory() throws {
        try folder.write("plain", [UInt8](repeating: 0x41, count: 1_000_000))
        try files.expectSuccess("encrypt", "plain")
        let output = try files.shell("{ \"$esdk\" decrypt plain.esdk -o - $key; echo $? >&2; } | head -c 3")
        #expect(output == ESDK.Output(status: 0, standardOutput: "AAA", standardError: "2\n"))
    }

    // MARK: - Verifying

    @Test func verifyingSaysWhatIsThereAndWritesNothing() throws {
        try files.expectSuccess("encrypt", "plain", "-c", "app=shop")
        let before = folder.names
        let output = try files.esdk("decrypt", "plain.esdk", "--verify")
        #expect(output.status == 0)
        #expect(
            output.standardOutput
                == "plain.esdk: verified; AES-256-GCM, HKDF-SHA512, commitment, ECDSA-P384 (0x0578); "
                + "opened by raw AES-256 keyring tests/one; context app=shop\n"
        )
        #expect(folder.names == before)
        #expect(try files.esdk("decrypt", "plain.esdk", "--verify", "-o", "x").status == 2)
        var bytes = try folder.read("plain.esdk")
        bytes[bytes.count - 150] ^= 1
        try folder.write("plain.esdk", bytes)
        #expect(try files.esdk("decrypt", "plain.esdk", "--verify").status == 1)
    }
}
