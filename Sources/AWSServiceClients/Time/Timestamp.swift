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
        let (date, time) = fields
        return "\(Self.padded(date.year, 4))-\(Self.padded(date.month))-\(Self.padded(date.day))T"
            + "\(Self.padded(time.hour)):\(Self.padded(time.minute)):\(Self.padded(time.second))Z"
    }

    /// The time as signatures have it: `20261124T222535Z`.
    var basicFormat: String {
        description.filter { $0 != "-" && $0 != ":" }
    }

    private var fields: (date: CivilDate, time: (hour: Int, minute: Int, second: Int)) {
        let seconds = Int(secondsSinceEpoch.rounded(.down))
        let day = (seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400
        let rest = seconds - day * 86_400
        return (CivilDate(daysSinceEpoch: day), (rest / 3600, rest / 60 % 60, rest % 60))
    }

    private static func padded(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
