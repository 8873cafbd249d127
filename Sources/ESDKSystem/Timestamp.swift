/// A point in time, in seconds since 1970-01-01T00:00:00Z without leap seconds.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since the epoch.
    public let microsecondsSinceEpoch: Int64

    /// A point in time; one before the year 1 or after 9999 becomes the nearest within.
    ///
    /// - Parameter microsecondsSinceEpoch: microseconds since the epoch.
    public init(microsecondsSinceEpoch: Int64) {
        self.microsecondsSinceEpoch = min(max(microsecondsSinceEpoch, Self.earliest), Self.latest)
    }

    /// A point in time; one before the year 1 or after 9999, and one that is not a number, becomes the nearest within.
    ///
    /// - Parameter secondsSinceEpoch: seconds since the epoch, rounded to microseconds.
    public init(secondsSinceEpoch: Double) {
        let microseconds = (secondsSinceEpoch * 1e6).rounded()
        let isTooEarly = !(microseconds > Double(Self.earliest))
        let isTooLate = microseconds >= Double(Self.latest)
        self.init(microsecondsSinceEpoch: isTooEarly ? Self.earliest : isTooLate ? Self.latest : Int64(microseconds))
    }

    /// Seconds since the epoch, with fractions.
    public var secondsSinceEpoch: Double { Double(microsecondsSinceEpoch) / 1e6 }

    private static let earliest: Int64 = -62_135_596_800_000_000
    private static let latest: Int64 = 253_402_300_799_000_000

    /// Whether one point in time comes before another.
    public static func < (left: Self, right: Self) -> Bool {
        left.microsecondsSinceEpoch < right.microsecondsSinceEpoch
    }

    /// The point in time so many seconds later.
    ///
    /// - Parameter seconds: how many, possibly negative.
    public func advanced(bySeconds seconds: Double) -> Timestamp {
        Timestamp(secondsSinceEpoch: secondsSinceEpoch + seconds)
    }
}

extension Timestamp: CustomStringConvertible {
    /// The time in ISO 8601, to the second: `2026-11-24T22:25:35Z`.
    public var description: String {
        text(between: (UInt8(ascii: "-"), UInt8(ascii: ":")))
    }

    /// The time as signatures have it: `20261124T222535Z`.
    package var basicFormat: String { text(between: nil) }

    /// The time to the microsecond: `2026-11-24T22:25:35.000001Z`, as records of branch keys have it.
    package var preciseFormat: String {
        let fraction = (microsecondsSinceEpoch % 1_000_000 + 1_000_000) % 1_000_000
        let digits = String(fraction)
        return "\(description.dropLast()).\(String(repeating: "0", count: 6 - digits.count))\(digits)Z"
    }

    /// The time, with separators between the parts of the date and of the time of day, or without.
    private func text(between separators: (date: UInt8, time: UInt8)?) -> String {
        let (date, time) = fields
        var text: [UInt8] = []
        text.reserveCapacity(20)
        Self.append(date.year, width: 4, to: &text)
        for number in [date.month, date.day] {
            if let separators { text.append(separators.date) }
            Self.append(number, width: 2, to: &text)
        }
        text.append(UInt8(ascii: "T"))
        Self.append(time.hour, width: 2, to: &text)
        for number in [time.minute, time.second] {
            if let separators { text.append(separators.time) }
            Self.append(number, width: 2, to: &text)
        }
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    private var fields: (date: CivilDate, time: (hour: Int, minute: Int, second: Int)) {
        let perDay = 86_400_000_000
        let microseconds = Int(microsecondsSinceEpoch)
        let day = (microseconds - (microseconds % perDay + perDay) % perDay) / perDay
        let rest = (microseconds - day * perDay) / 1_000_000
        return (CivilDate(daysSinceEpoch: day), (rest / 3600, rest / 60 % 60, rest % 60))
    }

    /// Appends the last `width` digits of a number that is not negative.
    private static func append(_ number: Int, width: Int, to text: inout [UInt8]) {
        var divisor = width == 4 ? 1000 : 10
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}

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

    fileprivate static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    fileprivate static func seconds(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) -> Int? {
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

    fileprivate static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension Timestamp {
    /// Reads a time in any of the forms that programs write: ISO 8601 with or without separators, seconds since the
    /// epoch, `Tue, 24 Nov 2026 22:25:35 GMT`, `Tue Nov 24 22:25:35 UTC 2026` and their like.
    ///
    /// A time without a zone is UTC, a date without a time the start of the day.
    ///
    /// - Parameter text: the text.
    package init?(_ text: String) {
        let text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if let time = Timestamp(iso8601: text) {
            self = time
        } else if text.utf8.count >= 9, let seconds = Double(text), seconds.isFinite, !Self.isCompactDate(text) {
            self.init(secondsSinceEpoch: seconds)
        } else {
            var parts = LooseTime()
            guard parts.read(text), let time = parts.time else { return nil }
            self = time
        }
    }

    /// Whether digits are a date and time without separators, as in `20261124222535`, and no number of seconds.
    private static func isCompactDate(_ text: String) -> Bool {
        text.utf8.count == 14 && text.utf8.allSatisfy(isDigit)
    }

    /// The parts of a time, in whatever order they come.
    private struct LooseTime {
        private var year: Int?
        private var month: Int?
        private var day: Int?
        private var clock: (hour: Int, minute: Int, second: Double)?
        private var offset = 0
        private var isAfternoon: Bool?

        var time: Timestamp? {
            guard let year, let month, let day else { return nil }
            var (hour, minute, second) = clock ?? (0, 0, 0)
            if let isAfternoon {
                guard (1...12).contains(hour) else { return nil }
                hour = hour % 12 + (isAfternoon ? 12 : 0)
            }
            guard
                let whole = Timestamp.seconds(
                    year: year,
                    month: month,
                    day: day,
                    hour: hour,
                    minute: minute,
                    second: Int(second)
                )
            else { return nil }
            return Timestamp(secondsSinceEpoch: Double(whole - offset) + second - second.rounded(.down))
        }

        /// Takes the parts from a text.
        ///
        /// - Returns: whether all of it was understood.
        mutating func read(_ text: String) -> Bool {
            var rest = Array(text.utf8)[...]
            while let first = rest.first {
                if first == UInt8(ascii: " ") || first == UInt8(ascii: ",") {
                    rest.removeFirst()
                } else if Timestamp.isDigit(first) {
                    guard readNumber(&rest) else { return false }
                } else if clock != nil, first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
                    guard let value = Self.zone(&rest) else { return false }
                    offset = value
                } else {
                    let word = rest.prefix { 0x61...0x7A ~= $0 | 0x20 }
                    guard !word.isEmpty, readWord(String(decoding: word, as: UTF8.self).lowercased()) else {
                        return false
                    }
                    rest = rest.dropFirst(word.count)
                }
            }
            return true
        }

        private mutating func readWord(_ word: String) -> Bool {
            switch word {
            case "t": return year != nil
            case "z", "utc", "gmt": return clock != nil
            case "am": isAfternoon = false
            case "pm": isAfternoon = true
            default:
                let short = String(word.prefix(3)).capitalizedASCII
                if let index = Timestamp.months.firstIndex(of: short) {
                    guard month == nil else { return false }
                    month = index + 1
                } else {
                    return ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(short)
                }
            }
            return true
        }

        private mutating func readNumber(_ rest: inout ArraySlice<UInt8>) -> Bool {
            let digits = rest.prefix(while: Timestamp.isDigit)
            guard digits.count <= 14 else { return false }
            let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
            let after = rest.dropFirst(digits.count)
            if after.first == UInt8(ascii: ":") || (clock == nil && year != nil && day != nil && digits.count >= 4) {
                return readClock(&rest)
            }
            rest = after
            switch digits.count {
            case 8:
                (year, month, day) = (value / 10_000, value / 100 % 100, value % 100)
            case 14:
                (year, month, day) = (value / 10_000_000_000, value / 100_000_000 % 100, value / 1_000_000 % 100)
                clock = (value / 10_000 % 100, value / 100 % 100, Double(value % 100))
            case 4 where year == nil:
                year = value
                // The month and the day, in this order.
                for separator in [UInt8(ascii: "-"), UInt8(ascii: "/")] where rest.first == separator {
                    rest.removeFirst()
                    guard month == nil, let number = Self.twoDigits(&rest), rest.first == separator else {
                        return false
                    }
                    rest.removeFirst()
                    guard let last = Self.twoDigits(&rest) else { return false }
                    (month, day) = (number, last)
                    return true
                }
            case 1...2 where day == nil:
                day = value
                // As in 24-Nov-2026.
                if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
            default:
                return false
            }
            if month != nil, rest.first == UInt8(ascii: "-"), year == nil { rest.removeFirst() }
            return true
        }

        private mutating func readClock(_ rest: inout ArraySlice<UInt8>) -> Bool {
            guard clock == nil, let hour = Self.twoDigits(&rest) else { return false }
            let isSeparated = rest.first == UInt8(ascii: ":")
            if isSeparated { rest.removeFirst() }
            guard let minute = Self.twoDigits(&rest) else { return false }
            var second = 0.0
            if isSeparated ? rest.first == UInt8(ascii: ":") : rest.first.map(Timestamp.isDigit) == true {
                if isSeparated { rest.removeFirst() }
                guard let whole = Self.twoDigits(&rest) else { return false }
                second = Double(whole)
                if rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ",") {
                    let digits = rest.dropFirst().prefix(while: Timestamp.isDigit)
                    guard !digits.isEmpty, let fraction = Double("0." + String(decoding: digits, as: UTF8.self)) else {
                        return false
                    }
                    second += fraction
                    rest = rest.dropFirst(1 + digits.count)
                }
            }
            clock = (hour, minute, second)
            return true
        }

        private static func twoDigits(_ rest: inout ArraySlice<UInt8>) -> Int? {
            let digits = rest.prefix(2).prefix(while: Timestamp.isDigit)
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }

        /// An offset from UTC in seconds: `+02`, `+02:00`, `-0730`.
        private static func zone(_ rest: inout ArraySlice<UInt8>) -> Int? {
            let isNegative = rest.removeFirst() == UInt8(ascii: "-")
            guard let hours = twoDigits(&rest) else { return nil }
            if rest.first == UInt8(ascii: ":") { rest.removeFirst() }
            let minutes = twoDigits(&rest) ?? 0
            guard hours < 24, minutes < 60 else { return nil }
            return (isNegative ? -1 : 1) * (hours * 3600 + minutes * 60)
        }
    }
}

extension String {
    /// The text with its first letter, of ASCII, in upper case.
    fileprivate var capitalizedASCII: String { prefix(1).uppercased() + dropFirst() }
}

/// A day of the Gregorian calendar.
struct CivilDate {
    /// The year; years before 1583 count as if the calendar had been in use.
    let year: Int
    /// The month, from 1.
    let month: Int
    /// The day of the month, from 1.
    let day: Int

    /// A day by its parts; nil when there is no such day.
    init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month),
            (1...Self.length(ofMonth: month, year: year)).contains(day)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// A day by its distance from 1970-01-01.
    init(daysSinceEpoch: Int) {
        // 400 years have 146,097 days, and start over; years are counted from March, so that leap days come last.
        let shifted = daysSinceEpoch + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The distance from 1970-01-01 in days.
    var daysSinceEpoch: Int {
        let year = month <= 2 ? self.year - 1 : self.year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
