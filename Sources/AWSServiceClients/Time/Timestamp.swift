/// A point in time, in seconds since 1970-01-01T00:00:00Z without leap seconds.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Seconds since the epoch, with fractions.
    public let secondsSinceEpoch: Double

    /// A point in time; values beyond the years 1 to 9999, and those that are no number, become the nearest of these.
    ///
    /// - Parameter secondsSinceEpoch: seconds since the epoch.
    public init(secondsSinceEpoch: Double) {
        let earliest = -62_135_596_800.0
        let latest = 253_402_300_799.0
        self.secondsSinceEpoch = secondsSinceEpoch.isNaN ? earliest : min(max(secondsSinceEpoch, earliest), latest)
    }

    /// Whether one point in time comes before another.
    public static func < (left: Self, right: Self) -> Bool { left.secondsSinceEpoch < right.secondsSinceEpoch }

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
    var basicFormat: String { text(between: nil) }

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
        let seconds = Int(secondsSinceEpoch.rounded(.down))
        let day = (seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400
        let rest = seconds - day * 86_400
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
