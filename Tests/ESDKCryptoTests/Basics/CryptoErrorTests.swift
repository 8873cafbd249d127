import ESDKCrypto
import Testing

@Suite struct CryptoErrorTests {
    @Test func errorsWithTheSameCodeAreEqualWhateverTheirReason() {
        let one = CryptoError(.invalidKey, "one")
        let other = CryptoError(.invalidKey, "other")
        #expect(one == other)
        #expect(Set([one, other]).count == 1)
        #expect(one != CryptoError(.invalidLength, "one"))
    }

    @Test func theDescriptionNamesTheCodeAndTheReason() {
        #expect(CryptoError(.invalidLength, "too short").description == "invalidLength: too short")
    }

    @Test func theLibraryVersionIsThatOfOpenSSL() {
        #expect(OpenSSLVersion.text.hasPrefix("OpenSSL 3.") || OpenSSLVersion.text.hasPrefix("OpenSSL 4."))
    }
}
