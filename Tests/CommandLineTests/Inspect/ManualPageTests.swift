import ESDKSystem
import TestSupport
import Testing

@Suite("esdk completions man")
struct ManualPageTests {
    @Test("The page names every command, and man formats it without a complaint")
    func page() throws {
        let folder = try TemporaryFolder()
        let output = try ESDK.shell("$esdk completions man >esdk.1; cat esdk.1", in: folder)
        #expect(output.status == 0)
        for command in [
            "encrypt", "decrypt", "inspect", "rewrap", "keygen raw-aes", "keystore show", "vectors decrypt",
        ] {
            let escaped = command.replacing("-", with: #"\-"#).uppercased()
            #expect(output.standardOutput.contains(".SH \"ESDK \(escaped)\""), "\(command)")
        }
        #expect(!output.standardOutput.contains("\n'"))
        guard try ESDK.shell("command -v groff", in: folder).status == 0 else { return }
        let formatted = try ESDK.shell("groff -man -Tutf8 -ww -Wbreak -Kutf8 esdk.1", in: folder)
        #expect(formatted.standardError == "")
        #expect(formatted.standardOutput.contains("--recursive"))
    }
}
