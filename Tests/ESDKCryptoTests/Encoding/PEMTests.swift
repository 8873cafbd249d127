import ESDKCrypto
import TestSupport
import Testing

@Suite struct PEMTests {
    private func pem() throws -> String { try VectorFile.text("keys/ec-p256-pkcs8.pem") }

    private func isAccepted(_ pem: String) -> Bool { (try? ECPrivateKey(parsingPEM: pem)) != nil }

    @Test func lineEndsAndSurroundingSpaceDoNotMatter() throws {
        let pem = try pem()
        let lines = pem.split(separator: "\n")
        #expect(isAccepted(pem))
        #expect(isAccepted(lines.joined(separator: "\n")), "no final newline")
        #expect(isAccepted(pem.replacing("\n", with: "\r\n")), "CRLF")
        #expect(isAccepted(pem.replacing("\n", with: "\r")), "CR")
        #expect(isAccepted("\n\n  \t" + pem + "  \n\n"), "space around")
        #expect(isAccepted(lines.map { "    " + $0 + "  " }.joined(separator: "\n")), "indented")
        #expect(isAccepted("\u{FEFF}" + pem), "a byte order mark")
        let body: String = lines.dropFirst().dropLast().joined()
        #expect(isAccepted("-----BEGIN PRIVATE KEY-----\n\(body)\n-----END PRIVATE KEY-----"), "one line")
    }

    @Test func textAndOtherBlocksAroundTheKeyAreSkipped() throws {
        let pem = try pem()
        let certificate = try VectorFile.text("keys/certificate.pem")
        #expect(isAccepted("Bag Attributes\n    friendlyName: Schlüssel\nKey Attributes: <No Attributes>\n" + pem))
        #expect(isAccepted(certificate + pem))
        #expect(isAccepted(pem + certificate))
        #expect(isAccepted("----- BEGIN\n-----\n" + pem))
    }

    @Test func aDamagedBlockIsRefused() throws {
        let pem = try pem()
        let damaged = [
            "", "no key", "-----BEGIN ", "-----BEGIN PRIVATE KEY", "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
            String(pem.dropLast(30)),
            pem.replacing("END PRIVATE KEY", with: "END PUBLIC KEY"),
            pem.replacing("BEGIN PRIVATE KEY", with: "BEGIN PUBLIC KEY"),
            pem.replacing("PRIVATE KEY", with: "EC PRIVATE KEY"),
            pem.replacing("PRIVATE KEY", with: "RSA PRIVATE KEY"),
            pem.replacing("PRIVATE KEY", with: "ENCRYPTED PRIVATE KEY"),
            pem.replacing("PRIVATE KEY-----\nM", with: "PRIVATE KEY-----\n!"),
            pem.replacing("PRIVATE KEY-----\nM", with: "PRIVATE KEY-----\n"),
            pem.replacing("=", with: ""),
        ]
        for text in damaged where text != pem {
            #expect(throws: CryptoError(.invalidKey, ""), "\(text)") { try ECPrivateKey(parsingPEM: text) }
        }
    }

    @Test(arguments: ["rsa-pkcs8-encrypted", "rsa-pkcs1-encrypted", "ec-p256-pkcs8-encrypted"])
    func anEncryptedKeyIsRefusedInClearWords(name: String) throws {
        let pem = try VectorFile.text("keys/\(name).pem")
        let error = try #require(throws: CryptoError.self) { try RSAPrivateKey(parsingPEM: pem) }
        #expect(error.code == .invalidKey)
        #expect(error.reason.contains("encrypted"))
        #expect(throws: CryptoError(.invalidKey, "")) { try ECPrivateKey(parsingPEM: pem) }
    }

    @Test func encryptedDERIsRefusedInClearWords() throws {
        let der = try derOfPEM("rsa-pkcs8-encrypted")
        let error = try #require(throws: CryptoError.self) { try RSAPrivateKey(parsingDER: der) }
        #expect(error.reason.contains("encrypted"))
    }

    @Test func theReasonSaysWhatWasFoundInstead() throws {
        let error = try #require(throws: CryptoError.self) {
            try ECPublicKey(parsingPEM: VectorFile.text("keys/ec-p256-pkcs8.pem"))
        }
        #expect(error.reason.contains("private key"))
        let certificate = try #require(throws: CryptoError.self) {
            try ECPublicKey(parsingPEM: VectorFile.text("keys/certificate.pem"))
        }
        #expect(certificate.reason.contains("CERTIFICATE"))
    }

    @Test func manyBlocksThatAreNoKeysAreSkipped() throws {
        let blocks = String(repeating: "-----BEGIN X-----\nAA==\n-----END X-----\n", count: 2_000)
        #expect(isAccepted(blocks + (try pem())))
        let error = try #require(throws: CryptoError.self) { try ECPublicKey(parsingPEM: blocks) }
        #expect(error.reason == "the PEM block is not a key but: X")
    }

    @Test func lineEndsThatAreWrittenOutAreLineEnds() throws {
        for name in ["ec-p256-pkcs8", "ec-p256-sec1-with-parameters"] {
            let pem = try VectorFile.text("keys/\(name).pem")
            #expect(isAccepted(pem.replacing("\n", with: #"\n"#)), "an environment variable")
            #expect(isAccepted(pem.replacing("\n", with: #"\r\n"#)))
            #expect(isAccepted("\"" + pem.replacing("\n", with: #"\n"#) + "\""), "with its quotation marks")
        }
        // Nowhere else do these letters mean anything else than themselves.
        let pem = try pem()
        #expect(!isAccepted(pem.replacing("\n", with: #"\t"#)))
        #expect(!isAccepted(pem.replacing("\n", with: "n")))
    }

    @Test func whatIsNotAKeyIsNamed() throws {
        func reason(_ read: () throws -> Void) -> String {
            do {
                try read()
                return "taken"
            } catch { return "\(error)" }
        }
        let pem = try pem()
        #expect(reason { _ = try ECPrivateKey(parsingDER: Array(pem.utf8)) }.contains("PEM"))
        #expect(reason { _ = try ECPrivateKey(parsingPEM: Base64.encode(Array(pem.utf8))) }.contains("Base64 of PEM"))
        let certificate = try VectorFile.text("keys/certificate.pem")
        for words in ["CERTIFICATE", "openssl x509 -pubkey"] {
            #expect(reason { _ = try RSAPublicKey(parsingPEM: certificate) }.contains(words))
        }
        #expect(reason { _ = try RSAPublicKey(parsingDER: derOfPEM("certificate")) }.contains("openssl x509 -pubkey"))
        #expect(reason { _ = try RSAPrivateKey(parsingPEM: VectorFile.text("keys/rsa-pss.pem")) }.contains("RSA-PSS"))
        #expect(reason { _ = try ECPrivateKey(parsingPEM: VectorFile.text("keys/ed25519.pem")) }.contains("Ed25519"))
        let openSSH = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
        #expect(reason { _ = try RSAPrivateKey(parsingPEM: openSSH) }.contains("ssh-keygen -p -m PKCS8"))
    }
}
