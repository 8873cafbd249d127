extension Timestamp {
    /// Reads a time in ISO 8601 as AWS writes it: `2026-11-24T22:25:35Z`, with fractions or an offset if need be.
    ///
    /// - Parameter text: the text.
    public init?(iso8601 text: String) {
        var rest = Array(text.utf8)[...]
        guard let year = Self.number(&rest, digits: 4), Self.skip(&rest, "-"),
            let month = Self.number(&rest, digits: 2), Self.skip(&rest, "-"),
            let day = Self.number(&rest, digits: 2), Self.skip(&rest, "T") || Self.skip(&rest, " "),
            let hour = Self.number(&rest, digits: 2), Self.skip(&rest, ":"),
            let minute = Self.number(&rest, digits: 2), Self.skip(&rest, ":"),
            let second = Self.number(&rest, digits: 2),
            let time = Self.seconds(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        else { return nil }
        var fraction = 0.0
        if Self.skip(&rest, ".") {
            var weight = 0.1
            guard let first = rest.first, Self.isDigit(first) else { return nil }
            while let digit = rest.first, Self.isDigit(digit) {
                fraction += weight * Double(digit - UInt8(ascii: "0"))
                weight /= 10
                rest.removeFirst()
            }
        }
        guard let offset = Self.offset(&rest), rest.isEmpty else { return nil }
        self.init(secondsSinceEpoch: Double(time - offset) + fraction)
    }

    /// Reads a time as the `Date` field of HTTP has it (RFC 9110, section 5.6.7): `Tue, 24 Nov 2026 22:25:35 GMT`.
    ///
    /// - Parameter text: the text.
    public init?(httpDate text: String) {
        var rest = Array(text.utf8)[...]
        guard let comma = rest.firstIndex(of: UInt8(ascii: ",")) else { return nil }
        rest = rest[(comma + 1)...]
        guard Self.skip(&rest, " "), let day = Self.number(&rest, digits: 2), Self.skip(&rest, " "), rest.count >= 3,
            let month = Self.months.firstIndex(of: String(decoding: rest.prefix(3), as: UTF8.self))
        else { return nil }
        rest = rest.dropFirst(3)
        guard Self.skip(&rest, " "), let year = Self.number(&rest, digits: 4), Self.skip(&rest, " "),
            let hour = Self.number(&rest, digits: 2), Self.skip(&rest, ":"),
            let minute = Self.number(&rest, digits: 2), Self.skip(&rest, ":"),
            let second = Self.number(&rest, digits: 2), rest.elementsEqual(" GMT".utf8),
            let time = Self.seconds(
                year: year,
                month: month + 1,
                day: day,
                hour: hour,
                minute: minute,
                second: second
            )
        else { return nil }
        self.init(secondsSinceEpoch: Double(time))
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func seconds(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) -> Int? {
        guard let date = CivilDate(year: year, month: month, day: day), hour < 24, minute < 60, second <= 60 else {
            return nil
        }
        return date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// An offset from UTC in seconds: `Z`, `+02:00` or `-0730`.
    private static func offset(_ text: inout ArraySlice<UInt8>) -> Int? {
        if skip(&text, "Z") { return 0 }
        let isNegative = skip(&text, "-")
        guard isNegative || skip(&text, "+"), let hours = number(&text, digits: 2) else { return nil }
        _ = skip(&text, ":")
        guard let minutes = number(&text, digits: 2), hours < 24, minutes < 60 else { return nil }
        return (isNegative ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    private static func number(_ text: inout ArraySlice<UInt8>, digits: Int) -> Int? {
        guard text.count >= digits, text.prefix(digits).allSatisfy(isDigit) else { return nil }
        defer { text = text.dropFirst(digits) }
        return text.prefix(digits).reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private static func skip(_ text: inout ArraySlice<UInt8>, _ character: Unicode.Scalar) -> Bool {
        guard text.first == UInt8(ascii: character) else { return false }
        text = text.dropFirst()
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
