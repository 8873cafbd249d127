public import ESDKCrypto

// Keys are read by ESDKCrypto, which knows no errors but its own; here is where they get the error that users catch.

extension RSAPublicKey {
    /// Reads a public key from PEM.
    ///
    /// - Parameter pem: a `PUBLIC KEY` or `RSA PUBLIC KEY` block, possibly among other text.
    /// - Throws: ``EncryptionSDKError`` with the code `invalidKey` and what is wrong with the key.
    public init(pem: String) throws(EncryptionSDKError) {
        self = try reading { () throws(CryptoError) in try RSAPublicKey(parsingPEM: pem) }
    }

    /// Reads a public key from DER.
    ///
    /// - Parameter der: SubjectPublicKeyInfo or PKCS #1, and nothing else.
    /// - Throws: ``EncryptionSDKError`` with the code `invalidKey` and what is wrong with the key.
    public init(der: [UInt8]) throws(EncryptionSDKError) {
        self = try reading { () throws(CryptoError) in try RSAPublicKey(parsingDER: der) }
    }
}

extension RSAPrivateKey {
    /// Reads a private key from PEM.
    ///
    /// - Parameter pem: a `PRIVATE KEY` (PKCS #8) or `RSA PRIVATE KEY` (PKCS #1) block, possibly among other text. An encrypted
    ///   key is refused: decrypt it first.
    /// - Throws: ``EncryptionSDKError`` with the code `invalidKey` and what is wrong with the key.
    public init(pem: String) throws(EncryptionSDKError) {
        self = try reading { () throws(CryptoError) in try RSAPrivateKey(parsingPEM: pem) }
    }

    /// Reads a private key from DER.
    ///
    /// - Parameter der: PKCS #8 or PKCS #1, and nothing else. An encrypted key is refused: decrypt it first.
    /// - Throws: ``EncryptionSDKError`` with the code `invalidKey` and what is wrong with the key.
    public init(der: [UInt8]) throws(EncryptionSDKError) {
        self = try reading { () throws(CryptoError) in try RSAPrivateKey(parsingDER: der) }
    }
}

extension ECPublicKey {
    /// Reads a public key from PEM.
    ///
    /// - Parameter pem: a `PUBLIC KEY` block, possibly among other text.
    /// - Throws: ``EncryptionSDKError`` with the code `invalidKey` and what is wrong with the key.
    public init(pem: String) throws(EncryptionSDKError) {
        self = try reading { () throws(CryptoError) in try ECPublicKey(parsingPEM: pem) }
    }

    /// Reads a public key from DER.
    ///
    /// - Parameter der: a SubjectPublicKeyInfo whose curve is given by name and whose point is compressed or uncompressed, and
    ///   nothing else.
    /// - Throws: ``EncryptionSDKError`` with the code `invalidKey` and what is wrong with the key.
    public init(der: [UInt8]) throws(EncryptionSDKError) {
        self = try reading { () throws(CryptoError) in try ECPublicKey(parsingDER: der) }
    }
}

extension ECPrivateKey {
    /// Reads a private key from PEM.
    ///
    /// - Parameter pem: a `PRIVATE KEY` (PKCS #8) or `EC PRIVATE KEY` (SEC 1) block, possibly among other text. An encrypted key is
    ///   refused: decrypt it first.
    /// - Throws: ``EncryptionSDKError`` with the code `invalidKey` and what is wrong with the key.
    public init(pem: String) throws(EncryptionSDKError) {
        self = try reading { () throws(CryptoError) in try ECPrivateKey(parsingPEM: pem) }
    }

    /// Reads a private key from DER.
    ///
    /// - Parameter der: PKCS #8 or SEC 1 with the curve given by name, and nothing else. An encrypted key is refused: decrypt it
    ///   first.
    /// - Throws: ``EncryptionSDKError`` with the code `invalidKey` and what is wrong with the key.
    public init(der: [UInt8]) throws(EncryptionSDKError) {
        self = try reading { () throws(CryptoError) in try ECPrivateKey(parsingDER: der) }
    }
}

private func reading<Key>(_ read: () throws(CryptoError) -> Key) throws(EncryptionSDKError) -> Key {
    do {
        return try read()
    } catch {
        throw EncryptionSDKError(error.code == .invalidKey ? .invalidKey : .cryptographicLibrary, error.reason)
    }
}
