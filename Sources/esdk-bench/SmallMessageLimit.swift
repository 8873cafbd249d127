import AWSEncryptionSDK
import COpenSSL
import Glibc

/// The calls of libcrypto that a small message under a raw AES-256 keyring cannot do without, as they would be written in C.
///
/// The random bytes in one request, algorithms that were fetched once, and for each message one context for HKDF, which is initialised
/// again for each step, one to wrap the data key and one for header and frame. No memory is asked for but what libcrypto takes itself.
/// A value belongs to one thread.
@safe struct SmallMessageLimit: ~Copyable {
    /// Where things lie in the one piece of memory that all messages use.
    private enum Place {
        /// Followed by message id and IV, since all are drawn together.
        static let dataKey = 0
        static let messageID = 32
        static let wrappedKey = 80
        static let openedKey = 128
        static let pseudorandomKey = 160
        static let contentKey = 224
        static let commitment = 256
        static let derivedCommitment = 288
        static let headerTag = 320
        /// Zeros but for the last byte of a frame's.
        static let headerIV = 336
        static let frameIV = 348
        static let wrappingKey = 360
        static let info = 392
        static let header = 448
        static let context = 704
        static let frameData = 768
        static let frame = 896
    }

    private static let keyLength = 32
    private static let tagLength = 16
    private static let ivLength = 12
    /// One pair of encryption context as the benchmarks have it.
    private static let contextLength = 24
    /// A header with that pair and one encrypted data key.
    private static let headerLength = 190

    /// Fetched once, as the library does it: threads share the counts of references.
    @safe private struct Algorithms: @unchecked Sendable {
        let cipher: OpaquePointer?
        let sha256: OpaquePointer?
        let sha512: OpaquePointer?

        static let shared = Algorithms()

        private init() {
            unsafe cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
            unsafe sha256 = Self.mac("SHA2-256")
            unsafe sha512 = Self.mac("SHA2-512")
        }

        /// A context that is copied for each message, which is the cheapest way to one that knows its hash function.
        private static func mac(_ hash: String) -> OpaquePointer? {
            let context = unsafe EVP_MAC_CTX_new(EVP_MAC_fetch(nil, "HMAC", nil))
            var name = Array(hash.utf8CString)
            let isReady = unsafe name.withUnsafeMutableBufferPointer { name in
                let parameters = unsafe [esdk_mac_digest(name.baseAddress), OSSL_PARAM_construct_end()]
                return unsafe EVP_MAC_init(context, [0], 1, parameters) == 1
            }
            return unsafe isReady ? context : nil
        }
    }

    private let memory: UnsafeMutablePointer<UInt8>
    private let cipher: OpaquePointer
    private let mac: OpaquePointer
    private let isCommitting: Bool
    private let plaintext: [UInt8]

    /// Prepares messages of suite 0478, or 0178 if the suite does not commit.
    init(_ suite: AlgorithmSuite, plaintext: [UInt8]) throws(BenchError) {
        let algorithms = Algorithms.shared
        guard let cipher = unsafe algorithms.cipher,
            let mac = unsafe suite.isCommitting ? algorithms.sha512 : algorithms.sha256
        else { throw BenchError("libcrypto does not offer AES-GCM or HMAC") }
        unsafe (self.cipher, self.mac) = (cipher, mac)
        isCommitting = suite.isCommitting
        self.plaintext = plaintext
        let length = Place.frame + 2 * plaintext.count + Self.tagLength
        unsafe memory = .allocate(capacity: length)
        unsafe memory.initialize(repeating: 0, count: length)
        unsafe memory[Place.frameIV + Self.ivLength - 1] = 1
    }

    deinit { unsafe memory.deallocate() }

    private var messageIDLength: Int { isCommitting ? 32 : 16 }
    private var wrappingIV: Int { Place.messageID + messageIDLength }
    private var opened: Int { Place.frame + plaintext.count + Self.tagLength }

    /// Encrypts so many messages.
    func encrypt(_ count: Int) throws(BenchError) {
        for _ in 0..<count {
            guard encrypt() else { throw BenchError("libcrypto does not encrypt") }
        }
    }

    /// Decrypts the last message so many times.
    func decrypt(_ count: Int) throws(BenchError) {
        for _ in 0..<count {
            guard decrypt() else { throw BenchError("libcrypto does not open what it has sealed") }
        }
    }

    /// A message: random bytes, the data key wrapped, keys derived, header and frame sealed.
    private func encrypt() -> Bool {
        unsafe withContexts(wiping: Place.dataKey) { wrapper, context in
            let random = Self.keyLength + messageIDLength + Self.ivLength
            return unsafe RAND_priv_bytes_ex(nil, memory + Place.dataKey, random, 0) == 1
                && start(wrapper, Place.wrappingKey, wrappingIV, Place.context, Self.contextLength, 1)
                && finish(wrapper, memory + Place.dataKey, Self.keyLength, Place.wrappedKey)
                && deriveKeys(Place.dataKey, commitment: Place.commitment)
                && start(context, Place.contentKey, Place.headerIV, Place.header, Self.headerLength, 1)
                && finish(context, nil, 0, Place.headerTag)
                && start(context, nil, Place.frameIV, Place.frameData, frameDataLength, 1)
                && plaintext.withUnsafeBufferPointer {
                    unsafe finish(context, $0.baseAddress, $0.count, Place.frame)
                }
        }
    }

    /// The message that was encrypted last: the data key unwrapped, keys derived, header and frame verified.
    private func decrypt() -> Bool {
        unsafe withContexts(wiping: Place.openedKey) { wrapper, context in
            unsafe start(wrapper, Place.wrappingKey, wrappingIV, Place.context, Self.contextLength, 0)
                && open(wrapper, Place.wrappedKey, Self.keyLength, Place.openedKey)
                && deriveKeys(Place.openedKey, commitment: Place.derivedCommitment)
                && CRYPTO_memcmp(memory + Place.commitment, memory + Place.derivedCommitment, Self.keyLength) == 0
                && start(context, Place.contentKey, Place.headerIV, Place.header, Self.headerLength, 0)
                && open(context, Place.headerTag, 0, opened)
                && start(context, nil, Place.frameIV, Place.frameData, frameDataLength, 0)
                && open(context, Place.frame, plaintext.count, opened)
        }
    }

    /// Calls `body` with two new contexts, one to wrap the data key and one for header and frame, and wipes data key and content key.
    private func withContexts(wiping dataKey: Int, _ body: (OpaquePointer, OpaquePointer) -> Bool) -> Bool {
        guard let wrapper = unsafe EVP_CIPHER_CTX_new(), let context = unsafe EVP_CIPHER_CTX_new() else { return false }
        defer {
            unsafe EVP_CIPHER_CTX_free(wrapper)
            unsafe EVP_CIPHER_CTX_free(context)
            unsafe OPENSSL_cleanse(memory + dataKey, Self.keyLength)
            unsafe OPENSSL_cleanse(memory + Place.contentKey, Self.keyLength)
        }
        return unsafe body(wrapper, context)
    }

    /// Message id, the words for the kind of frame, sequence number and length.
    private var frameDataLength: Int { messageIDLength + 34 + 12 }

    /// HKDF (RFC 5869) by one context: the salt's, then the pseudorandom key's.
    private func deriveKeys(_ dataKey: Int, commitment: Int) -> Bool {
        guard let context = unsafe EVP_MAC_CTX_dup(mac) else { return false }
        defer {
            unsafe EVP_MAC_CTX_free(context)
            unsafe OPENSSL_cleanse(memory + Place.pseudorandomKey, 64)
        }
        // The salt of a suite that does not commit is empty; its info holds the message id.
        let (saltLength, codeLength) = isCommitting ? (32, 64) : (0, 32)
        return unsafe EVP_MAC_init(context, memory + Place.messageID, saltLength, nil) == 1
            && EVP_MAC_update(context, memory + dataKey, Self.keyLength) == 1
            && EVP_MAC_final(context, memory + Place.pseudorandomKey, nil, codeLength) == 1
            && EVP_MAC_init(context, memory + Place.pseudorandomKey, codeLength, nil) == 1
            && expand(context, isCommitting ? 11 : 18, Place.contentKey, codeLength)
            && (!isCommitting
                || EVP_MAC_init(context, nil, 0, nil) == 1 && expand(context, 9, commitment, codeLength))
    }

    /// The first block of the output, of which the keys are a part; info and counter in one piece.
    private func expand(_ context: OpaquePointer, _ infoLength: Int, _ output: Int, _ codeLength: Int) -> Bool {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { block in
            guard let code = block.baseAddress,
                unsafe EVP_MAC_update(context, memory + Place.info, infoLength + 1) == 1,
                unsafe EVP_MAC_final(context, code, nil, codeLength) == 1
            else { return false }
            unsafe (memory + output).update(from: code, count: Self.keyLength)
            unsafe OPENSSL_cleanse(code, codeLength)
            return true
        }
    }

    /// Sets IV and, unless it is nil, the key, and takes in additional data.
    private func start(
        _ context: OpaquePointer,
        _ key: Int?,
        _ iv: Int,
        _ additionalData: Int,
        _ length: Int,
        _ direction: Int32
    ) -> Bool {
        var written: Int32 = 0
        let key = unsafe key.map { unsafe memory + $0 }
        return unsafe EVP_CipherInit_ex(context, key == nil ? nil : cipher, nil, key, memory + iv, direction) == 1
            && EVP_CipherUpdate(context, nil, &written, memory + additionalData, Int32(length)) == 1
    }

    private func finish(_ context: OpaquePointer, _ input: UnsafePointer<UInt8>?, _ length: Int, _ output: Int) -> Bool
    {
        var written: Int32 = 0
        let destination = unsafe memory + output
        return unsafe (length == 0 || EVP_CipherUpdate(context, destination, &written, input, Int32(length)) == 1)
            && EVP_CipherFinal_ex(context, destination + length, &written) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagLength), destination + length) == 1
    }

    private func open(_ context: OpaquePointer, _ sealed: Int, _ length: Int, _ output: Int) -> Bool {
        var written: Int32 = 0
        let (source, destination) = unsafe (memory + sealed, memory + output)
        return unsafe (length == 0 || EVP_CipherUpdate(context, destination, &written, source, Int32(length)) == 1)
            && esdk_expect_tag(context, source + length, Self.tagLength) == 1
            && EVP_CipherFinal_ex(context, destination + length, &written) == 1
    }
}
