import ESDKCrypto
import Testing

@testable import AWSServiceClients

struct RedactionTests {
    // Unicode's general category Cc is U+0000 to U+001F and U+007F to U+009F.
    @Test(arguments: ["\u{0}", "\u{1B}", "\u{1F}", "\u{7F}", "\u{80}", "\u{9F}"])
    func controlCharactersBecomeBlanks(character: String) {
        #expect(Redaction([]).apply("a\(character)b".utf8) == "a b")
    }

    @Test(arguments: [" ", "~", "\u{A0}", "é", "\u{2028}", "🔑"])
    func otherCharactersStay(character: String) {
        #expect(Redaction([]).apply("a\(character)b".utf8) == "a\(character)b")
    }

    @Test func secretsAreReplaced() {
        let redaction = Redaction([SecretBytes(Array("token".utf8)), SecretBytes([])])
        #expect(redaction.apply("token, tokentoken; toke".utf8) == "[secret], [secret][secret]; toke")
    }
}
