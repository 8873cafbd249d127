/// Takes a DER signature apart and puts it together again in ways that are not DER.
struct DERSignature {
    /// The integers as they are encoded, leading zeros included.
    let r: [UInt8]
    let s: [UInt8]

    init(_ der: [UInt8]) {
        // Signatures on P-256 and P-384 take at most 104 bytes, so that every length is one byte.
        let length = Int(der[3])
        r = Array(der[4..<4 + length])
        s = Array(der[(6 + length)...])
    }

    static func integer(_ content: [UInt8]) -> [UInt8] { [0x02, UInt8(content.count)] + content }
    static func sequence(_ content: [UInt8]) -> [UInt8] { [0x30, UInt8(content.count)] + content }

    var integers: [UInt8] { Self.integer(r) + Self.integer(s) }

    /// The numbers alone, each of `length` bytes.
    func raw(_ length: Int) -> [UInt8] {
        [r, s].flatMap { number in
            let digits = Array(number.drop { $0 == 0 })
            return [UInt8](repeating: 0, count: length - digits.count) + digits
        }
    }
}
