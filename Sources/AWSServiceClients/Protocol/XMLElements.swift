/// Finds texts in the XML documents that STS answers with, which have no attributes but the outermost one's.
package enum XMLElements {
    /// The text of the first element of this name that holds nothing but text.
    ///
    /// - Parameters:
    ///   - name: the element's name.
    ///   - document: the document.
    package static func first(_ name: String, in document: String) -> String? {
        guard let start = document.firstRange(of: "<\(name)>") else { return nil }
        let rest = document[start.upperBound...]
        guard let end = rest.firstIndex(of: "<"), rest[end...].hasPrefix("</\(name)>") else { return nil }
        return unescaped(rest[..<end])
    }

    private static let entities: [Substring: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'",
    ]

    private static func unescaped(_ text: Substring) -> String? {
        var output = ""
        var rest = text
        while let ampersand = rest.firstIndex(of: "&") {
            output += rest[..<ampersand]
            rest = rest[rest.index(after: ampersand)...]
            guard let end = rest.firstIndex(of: ";") else { return nil }
            let name = rest[..<end]
            if let character = entities[name] {
                output += character
            } else if name.hasPrefix("#") {
                let isHexadecimal = name.dropFirst().hasPrefix("x")
                guard
                    let number = UInt32(name.dropFirst(isHexadecimal ? 2 : 1), radix: isHexadecimal ? 16 : 10),
                    let scalar = Unicode.Scalar(number)
                else { return nil }
                output.unicodeScalars.append(scalar)
            } else {
                return nil
            }
            rest = rest[rest.index(after: end)...]
        }
        return output + rest
    }
}
