import ESDKCrypto
import Testing

@Suite("Deterministic signatures")
struct DeterministicSignerTests {
    /// Signatures of RFC 6979, appendices A.2.5 to A.2.7.
    struct Vector: Sendable, CustomTestStringConvertible {
        let curve: EllipticCurve
        let hash: HashAlgorithm
        let scalar: String
        let publicX: String
        let message: String
        let r: String
        let s: String

        var testDescription: String { "\(curve), \(hash), \(message)" }
    }

    static let vectors: [Vector] = [
        Vector(
            curve: .p256,
            hash: .sha256,
            scalar: p256,
            publicX: p256X,
            message: "sample",
            r: "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
            s: "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
        ),
        Vector(
            curve: .p256,
            hash: .sha256,
            scalar: p256,
            publicX: p256X,
            message: "test",
            r: "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
            s: "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"
        ),
        // A digest longer than the order.
        Vector(
            curve: .p256,
            hash: .sha512,
            scalar: p256,
            publicX: p256X,
            message: "sample",
            r: "8496A60B5E9B47C825488827E0495B0E3FA109EC4568FD3F8D1097678EB97F00",
            s: "2362AB1ADBE2B8ADF9CB9EDAB740EA6049C028114F2460F96554F61FAE3302FE"
        ),
        Vector(
            curve: .p384,
            hash: .sha384,
            scalar: p384,
            publicX: p384X,
            message: "sample",
            r: "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
            s: "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8"
        ),
        Vector(
            curve: .p384,
            hash: .sha384,
            scalar: p384,
            publicX: p384X,
            message: "test",
            r: "8203B63D3C853E8D77227FB377BCF7B7B772E97892A80F36AB775D509D7A5FEB0542A7F0812998DA8F1DD3CA3CF023DB",
            s: "DDD0760448D42D8A43AF45AF836FCE4DE8BE06B485E9B61B827C2F13173923E06A739F040649A667BF3B828246BAA5A5"
        ),
        // An order that does not fill its last byte.
        Vector(
            curve: .p521,
            hash: .sha512,
            scalar: p521,
            publicX: p521X,
            message: "sample",
            r:
                "00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017B5D450606ADD152B534931D7D4"
                + "E8455CC91F9B15BF05EC36E377FA",
            s:
                "00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C0723D8B8C37FF0777B1A20F8"
                + "CCB1DCCC43997F1EE0E44DA4A67A"
        ),
        Vector(
            curve: .p521,
            hash: .sha512,
            scalar: p521,
            publicX: p521X,
            message: "test",
            r:
                "013E99020ABF5CEE7525D16B69B229652AB6BDF2AFFCAEF38773B4B7D08725F10CDB93482FDCC54EDCEE91ECA4166B2A7C6265EF"
                + "0CE2BD7051B7CEF945BABD47EE6D",
            s:
                "01FBD0013C674AA79CB39849527916CE301C66EA7CE8B80682786AD60F98F7E78A19CA69EFF5C57400E3B3A0AD66CE0978214D13"
                + "BAF4E9AC60752F7B155E2DE4DCE3"
        ),
    ]

    static let p256 = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"
    static let p256X = "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
    static let p384 =
        "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5"
    static let p384X =
        "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC13"
    static let p521 =
        "00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75CAA896EB32F1F47C70855836A6D16FCC1466F6D8FBEC"
        + "67DB89EC0C08B0E996B83538"
    static let p521X =
        "01894550D0785932E00EAA23B694F213F8C3121F86DC97A04E5A7167DB4E5BCD371123D46E45DB6B5D5370A7F20FB633155D38FFA16D"
        + "2BD761DCAC474B9A2F5023A4"

    @Test("The signatures of RFC 6979 come out", arguments: vectors)
    func publishedSignatures(vector: Vector) throws {
        let signer = try DeterministicSigner(scalar: SecretBytes(bytes(vector.scalar)), curve: vector.curve)
        #expect(try Array(signer.key.publicKey.compressedPoint.dropFirst()) == bytes(vector.publicX))
        let message = Array(vector.message.utf8)
        let digest = try Digest.hash(vector.hash, of: message.span)
        let signature = try signer.sign(digest: digest.span, hash: vector.hash)
        #expect(try signature == der(bytes(vector.r), bytes(vector.s)))
        #expect(try signer.key.publicKey.verify(signature.span, digest: digest.span, hash: vector.hash))
    }

    /// DER of two numbers, written apart from the code under test.
    private func der(_ numbers: [UInt8]...) -> [UInt8] {
        let content = numbers.flatMap { number -> [UInt8] in
            var digits = Array(number.drop { $0 == 0 })
            if digits[0] > 127 { digits.insert(0, at: 0) }
            return [2, UInt8(digits.count)] + digits
        }
        return (content.count > 127 ? [0x30, 0x81] : [0x30]) + [UInt8(content.count)] + content
    }

    @Test("A signature of a wanted length is found, the same one each time", arguments: EllipticCurve.allCases)
    func wantedLength(curve: EllipticCurve) throws {
        let signer = try DeterministicSigner.generate(curve, from: SystemRandomSource())
        let digest = [UInt8](repeating: 9, count: 48)
        func sign() throws -> [UInt8] {
            try signer.sign(digest: digest.span, hash: .sha384) { $0.count == curve.maximumSignatureLength - 2 }
        }
        let signature = try sign()
        #expect(try signature == sign())
        #expect(signature.count == curve.maximumSignatureLength - 2)
        #expect(try signer.key.publicKey.verify(signature.span, digest: digest.span, hash: .sha384))
    }

    @Test("Zero, the order and a wrong length are no private keys", arguments: EllipticCurve.allCases)
    func invalidScalars(curve: EllipticCurve) throws {
        let length = curve.fieldLength
        let zero = [UInt8](repeating: 0, count: length)
        // The top byte of every order is 1 or 255, so that this exceeds it.
        let tooGreat = [UInt8](repeating: 0xFF, count: length)
        for scalar in [zero, tooGreat, [UInt8](repeating: 1, count: length - 1)] {
            #expect(throws: CryptoError(.invalidKey, "")) {
                try DeterministicSigner(scalar: SecretBytes(scalar), curve: curve)
            }
        }
    }
}
