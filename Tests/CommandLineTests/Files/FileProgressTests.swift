import Testing

@testable import esdk

/// The progress line of file commands, which must never be longer than the terminal is wide.
@Suite("esdk encrypt, esdk decrypt: progress")
struct FileProgressTests {
    private static let gibibyte = 1 << 30

    @Test(arguments: [1, 10, 20, 40, 60, 80, 120, 300])
    func theLineFitsTheTerminal(columns: Int) {
        for (files, all) in [(0, 1), (1234, 10_000)] {
            for allBytes in [nil, 5 * Self.gibibyte] {
                let bytes = Self.gibibyte + 1
                let words = FileProgress.words(files, of: all, failed: files, bytes, of: allBytes, after: .seconds(3))
                let share = FileProgress.share(files, of: all, bytes, of: allBytes)
                #expect(FileProgress.line(words, share: share, columns: columns).count < max(columns, 2))
            }
        }
    }

    @Test func whatMattersMostComesFirst() {
        let words = FileProgress.words(0, of: 1, failed: 0, Self.gibibyte, of: 4 * Self.gibibyte, after: .seconds(2))
        #expect(words == ["25%", "6 s left", "512 MiB/s", "1.0 GiB of 4.0 GiB"])
        #expect(
            FileProgress.line(words, share: 0.25, columns: 80)
                == "[#######                       ] 25%  6 s left  512 MiB/s  1.0 GiB of 4.0 GiB"
        )
        #expect(FileProgress.line(words, share: 0.25, columns: 20) == "25%  6 s left")
    }

    @Test func smallFilesAreCounted() {
        let words = FileProgress.words(5000, of: 10_000, failed: 2, 5000 << 10, of: 10_000 << 10, after: .seconds(2))
        #expect(
            words == ["50%", "2 s left", "2 failed", "5,000 of 10,000 files", "2,500 files/s", "4.9 MiB of 9.8 MiB"]
        )
    }

    @Test func aPipeHasNoEndToCountTo() {
        #expect(
            FileProgress.words(0, of: 1, failed: 0, 3 << 20, of: nil, after: .seconds(1)) == ["3.0 MiB/s", "3.0 MiB"]
        )
        #expect(FileProgress.line(["3.0 MiB/s", "3.0 MiB"], share: nil, columns: 80) == "3.0 MiB/s  3.0 MiB")
    }

    @Test func numbersAndTimesAreShort() {
        #expect([0, 999, 1000, 1_234_567].map(FileProgress.count) == ["0", "999", "1,000", "1,234,567"])
        #expect(
            [0, 1023, 1024, 1500, 10 << 20, 1000 << 20].map(FileProgress.bytes) == [
                "0 B", "1023 B", "1.0 KiB", "1.5 KiB", "10 MiB", "1.0 GiB",
            ]
        )
        #expect([0.2, 59, 61, 7200].map(FileProgress.duration) == ["1 s", "59 s", "1 min 1 s", "2 h 0 min"])
    }
}
