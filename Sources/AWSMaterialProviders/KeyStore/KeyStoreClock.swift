import Glibc

/// The time of day, for the creation time of records.
package protocol KeyStoreClock: Sendable {
    /// Microseconds since 1970-01-01 00:00 UTC.
    var microseconds: Int64 { get }
}

/// The time of day that the system keeps.
package struct SystemKeyStoreClock: KeyStoreClock {
    /// A clock; all of them agree.
    package init() {}

    /// Microseconds since 1970-01-01 00:00 UTC.
    package var microseconds: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}

extension KeyStoreClock {
    /// The time in ISO 8601, in UTC with microseconds, such as `2026-11-24T08:15:00.000001Z`.
    package var timestamp: String {
        let total = max(0, microseconds)
        let seconds = total / 1_000_000
        // Days to a date of the civil calendar, in years that begin on the first of March.
        let days = seconds / 86400 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let time = "\(padded(seconds / 3600 % 24, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
        return "\(date)T\(time).\(padded(total % 1_000_000, 6))Z"
    }
}
