import Testing

@testable import ESDKSystem

struct TimestampTests {
    // Pairs of ISO 8601 and seconds made with GNU date: `date -u -d TEXT +%s`.
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0.0), ("2015-08-30T12:36:00Z", 1_440_938_160), ("2000-02-29T23:59:59Z", 951_868_799),
        ("2100-03-01T00:00:00Z", 4_107_542_400), ("1969-12-31T23:59:59Z", -1),
        ("0001-01-01T00:00:00Z", -62_135_596_800),
        ("9999-12-31T23:59:59Z", 253_402_300_799),
    ])
    func readsAndWritesISO8601(text: String, seconds: Double) {
        #expect(Timestamp(iso8601: text)?.secondsSinceEpoch == seconds)
        #expect(Timestamp(secondsSinceEpoch: seconds).description == text)
    }

    @Test(arguments: [
        ("2026-11-24T22:25:35.250Z", 1_795_559_135.25), ("2026-11-24T23:55:35+01:30", 1_795_559_135),
        ("2026-11-24T17:25:35-0500", 1_795_559_135),
    ])
    func readsFractionsAndOffsets(text: String, seconds: Double) throws {
        let time = try #require(Timestamp(iso8601: text))
        #expect(abs(time.secondsSinceEpoch - seconds) < 1e-6)
    }

    @Test(arguments: [
        "", "2026-11-24", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-24T24:00:00Z", "2026-11-24T22:25:35",
        "2026-11-24T22:25:35.Z", "2026-11-24T22:25:35Zz", "2026-11-24T22:25:35+1", "+026-11-24T22:25:35Z",
    ])
    func refusesWhatIsNoTime(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    // The example of RFC 9110, section 5.6.7.
    @Test func readsTheDateOfHTTP() {
        #expect(Timestamp(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT")?.description == "1994-11-06T08:49:37Z")
        #expect(Timestamp(httpDate: "Sunday, 06-Nov-94 08:49:37 GMT") == nil)
        #expect(Timestamp(httpDate: "Sun, 06 Nov 1994 08:49:37 CET") == nil)
    }

    @Test func keepsWithinTheYearsThatHaveFourDigits() {
        #expect(Timestamp(secondsSinceEpoch: .infinity).description == "9999-12-31T23:59:59Z")
        #expect(Timestamp(secondsSinceEpoch: .nan).description == "0001-01-01T00:00:00Z")
    }
}
