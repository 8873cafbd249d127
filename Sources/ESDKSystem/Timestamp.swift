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

}

extension Timestamp {
    /// Reads a time in any of the forms that programs write: ISO 8601 with or without separators, seconds since the
    /// epoch, `Tue, 24 Nov 2026 22:25:35 GMT`, `Tue Nov 24 22:25:35 UTC 2026`, `11/24/2026 10:25:35 PM +00:00` and their
    /// like.
    ///
    /// A time without a zone is UTC, a date without a time the start of the day. Of a date in numbers that could be read
    /// both ways the month comes first.
    ///
    /// - Parameter text: the text.
    package init?(_ text: String) {
        let text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if let time = Timestamp(iso8601: text) {
            self = time
        } else if text.utf8.count >= 9, let seconds = Double(text), seconds.isFinite, !Self.isCompactDate(text) {
            self.init(secondsSinceEpoch: seconds)
        } else {
            guard let time = LooseTime(text)?.time else { return nil }
            self = time
        }
    }

    /// Whether digits are a date and time without separators, as in `20261124222535`, and no number of seconds.
    private static func isCompactDate(_ text: String) -> Bool {
        [12, 14].contains(text.utf8.count) && text.utf8.allSatisfy(isDigit)
    }

    fileprivate static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// The parts of a time, in whatever order they come.
private struct LooseTime {
    private enum Token: Equatable {
        case digits([UInt8])
        /// Letters in lower case.
        case word(String)
        case mark(Unicode.Scalar)
    }

    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]
    private static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    /// Words that say nothing.
    private static let fillers = ["t", "at", "on", "of", "and", "st", "nd", "rd", "th"]

    private var tokens: ArraySlice<Token>
    /// Year, month and day in the order in which they stand.
    private var date: [(value: Int, digitCount: Int)] = []
    /// Which part of the date was a month's name.
    private var monthIndex: Int?
    private var clock: (hour: Int, minute: Int, second: Double)?
    private var isAfternoon: Bool?
    /// Seconds from UTC, where an offset is given.
    private var offset: Int?
    /// Whether the last token was `UTC` or the like: an offset right after it says how far UTC is ahead.
    private var followsZone = false

    /// Takes the parts from a text; nil when not all of it is understood.
    init?(_ text: String) {
        tokens = Self.tokens(Array(text.utf8)[...])[...]
        while let token = tokens.first {
            let isUnderstood: Bool
            switch token {
            case .digits(let digits):
                isUnderstood = readNumber(digits)
                followsZone = false
            case .word(let word):
                tokens.removeFirst()
                isUnderstood = readWord(word)
            case .mark("+"), .mark("-"):
                // Between the parts of a date a hyphen is a separator.
                if clock != nil, !(1...2).contains(date.count) {
                    isUnderstood = readOffset()
                } else {
                    isUnderstood = token == .mark("-")
                    tokens.removeFirst()
                }
                followsZone = false
            case .mark("("), .mark(")"):
                // A zone's name after its offset.
                isUnderstood = offset != nil
                tokens.removeFirst()
            default:
                isUnderstood = [" ", ",", ".", "/", ";"].contains { token == .mark($0) }
                tokens.removeFirst()
            }
            guard isUnderstood else { return nil }
        }
    }

    private static func tokens(_ text: ArraySlice<UInt8>) -> [Token] {
        var rest = text
        var tokens: [Token] = []
        while let first = rest.first {
            let digits = rest.prefix(while: Timestamp.isDigit)
            let letters = rest.prefix { 0x61...0x7A ~= $0 | 0x20 }
            if !digits.isEmpty {
                tokens.append(.digits(Array(digits)))
            } else if !letters.isEmpty {
                tokens.append(.word(String(decoding: letters.map { $0 | 0x20 }, as: UTF8.self)))
            } else {
                tokens.append(.mark(Unicode.Scalar(first)))
            }
            rest = rest.dropFirst(max(1, digits.count, letters.count))
        }
        return tokens
    }

    private static func value(_ digits: some Sequence<UInt8>) -> Int {
        digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    // MARK: - Parts

    private mutating func readWord(_ word: String) -> Bool {
        defer { followsZone = ["z", "utc", "gmt"].contains(word) }
        switch word {
        case "am", "a": isAfternoon = false
        case "pm", "p": isAfternoon = true
        case "z", "utc", "gmt": return clock != nil
        default:
            func isShort(for name: String) -> Bool { word.utf8.count >= 3 && name.hasPrefix(word) }
            if let index = Self.months.firstIndex(where: { isShort(for: $0) }) {
                guard monthIndex == nil, date.count < 3 else { return false }
                monthIndex = date.count
                date.append((index + 1, 0))
            } else {
                // A name of a zone is worth what its offset is.
                return Self.weekdays.contains(where: isShort(for:)) || Self.fillers.contains(word)
                    || (offset != nil && word.utf8.count <= 5)
            }
        }
        return true
    }

    private mutating func readNumber(_ digits: [UInt8]) -> Bool {
        guard digits.count <= 14 else { return false }
        tokens.removeFirst()
        let value = Self.value(digits)
        if tokens.first == .mark(":") {
            return digits.count <= 2 && readClock(hour: value)
        }
        if date.isEmpty, [8, 12, 14].contains(digits.count) {
            date = [(Self.value(digits[..<4]), 4), (Self.value(digits[4..<6]), 2), (Self.value(digits[6..<8]), 2)]
            return digits.count == 8 || readCompactClock(digits[8...])
        }
        if date.count == 3, clock == nil, [2, 4, 6].contains(digits.count), !isBeforeHalfOfDay {
            return readCompactClock(digits[...])
        }
        if digits.count <= 2, clock == nil, isBeforeHalfOfDay {
            clock = (value, 0, 0)
            return true
        }
        guard date.count < 3, [1, 2, 4].contains(digits.count) else { return false }
        date.append((value, digits.count))
        return true
    }

    /// Whether `am` or `pm` comes next, perhaps after a blank.
    private var isBeforeHalfOfDay: Bool {
        let next = tokens.first == .mark(" ") ? tokens.dropFirst().first : tokens.first
        return next == .word("am") || next == .word("pm")
    }

    /// Reads what follows the hour: minutes, perhaps seconds and their fraction.
    private mutating func readClock(hour: Int) -> Bool {
        guard clock == nil, let minute = readAfter(":") else { return false }
        clock = (hour, minute, 0)
        guard tokens.first == .mark(":") else { return true }
        guard let second = readAfter(":") else { return false }
        clock?.second = Double(second)
        return readFraction()
    }

    private mutating func readCompactClock(_ digits: ArraySlice<UInt8>) -> Bool {
        guard clock == nil else { return false }
        let parts = stride(from: digits.startIndex, to: digits.endIndex, by: 2).map { Self.value(digits[$0..<$0 + 2]) }
        clock = (parts[0], parts.count > 1 ? parts[1] : 0, parts.count > 2 ? Double(parts[2]) : 0)
        return parts.count < 3 || readFraction()
    }

    /// Reads a fraction of the seconds, where there is one.
    private mutating func readFraction() -> Bool {
        guard tokens.first == .mark(".") || tokens.first == .mark(","),
            case .digits(let digits)? = tokens.dropFirst().first
        else { return true }
        tokens = tokens.dropFirst(2)
        guard let fraction = Double("0." + String(decoding: digits, as: UTF8.self)) else { return false }
        clock?.second += fraction
        return true
    }

    /// Reads one or two digits after a mark.
    private mutating func readAfter(_ mark: Unicode.Scalar) -> Int? {
        guard tokens.first == .mark(mark), case .digits(let digits)? = tokens.dropFirst().first, digits.count <= 2
        else {
            return nil
        }
        tokens = tokens.dropFirst(2)
        return Self.value(digits)
    }

    /// Reads an offset from UTC: `+02`, `+02:00` or `-0730`.
    private mutating func readOffset() -> Bool {
        guard offset == nil, let sign = tokens.popFirst(), case .digits(let digits)? = tokens.popFirst() else {
            return false
        }
        var (hours, minutes) = (Self.value(digits), 0)
        switch digits.count {
        case 4: (hours, minutes) = (Self.value(digits[..<2]), Self.value(digits[2...]))
        case 1, 2:
            if tokens.first == .mark(":") {
                guard let value = readAfter(":") else { return false }
                minutes = value
            }
        default: return false
        }
        guard hours < 24, minutes < 60 else { return false }
        offset = ((sign == .mark("-")) == followsZone ? 1 : -1) * (hours * 3600 + minutes * 60)
        return true
    }

    // MARK: - The whole

    var time: Timestamp? {
        guard let (year, month, day) = civilDate else { return nil }
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
        return Timestamp(secondsSinceEpoch: Double(whole - (offset ?? 0)) + second - second.rounded(.down))
    }

    /// Which part of the date is which: a number above 31 or of four digits is the year, one above 12 no month.
    private var civilDate: (year: Int, month: Int, day: Int)? {
        guard date.count == 3 else { return nil }
        func isYear(_ index: Int) -> Bool { date[index].digitCount > 2 || date[index].value > 31 }
        let order: (year: Int, month: Int, day: Int) =
            switch monthIndex {
            case 0: isYear(1) ? (1, 0, 2) : (2, 0, 1)
            case 1: isYear(0) ? (0, 1, 2) : (2, 1, 0)
            case 2: isYear(1) ? (1, 2, 0) : (0, 2, 1)
            default: isYear(0) ? (0, 1, 2) : date[0].value > 12 ? (2, 1, 0) : (2, 0, 1)
            }
        let year = date[order.year]
        return (
            year.digitCount > 2 ? year.value : Self.full(year.value), date[order.month].value, date[order.day].value
        )
    }

    /// The year within half a century of now that ends in these digits.
    private static func full(_ year: Int) -> Int {
        let current = CivilDate(daysSinceEpoch: Int(SystemTimeSource().now.secondsSinceEpoch / 86_400)).year
        let candidate = current / 100 * 100 + year
        return candidate >= current + 50 ? candidate - 100 : candidate < current - 50 ? candidate + 100 : candidate
    }
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
