package import ESDKSystem
import StrictJSON

/// The result of an interoperability matrix, `matrix.json`, as one HTML page: who writes, and who reads it.
///
/// The runner of the matrix is not part of this package, and its file is read as it is: `scripts/interop/runner/matrix.schema.json` says
/// what is in it.
package enum MatrixPage {
    private static let longest = 256 << 20
    private static let format = "esdk-interop-matrix"

    /// The page of a file, as UTF-8; nil when it is not a matrix.
    ///
    /// - Parameter path: the file.
    /// - Throws: when it cannot be read, or is a matrix of another version or without one of its parts.
    package static func render(_ path: SystemPath) throws(VectorError) -> [UInt8]? {
        let root = try JSONFile.read(path, limit: longest)
        guard root["format"]?.string == format else { return nil }
        func unusable(_ reason: String) -> VectorError { VectorError(.malformed, path: "\(path)", reason: reason) }
        guard root["version"]?.integer == 1 else { throw unusable("is a matrix of another version than 1") }
        guard root["complete"]?.bool == true else { throw unusable("is a matrix that was cut off") }
        let cells = root["cells"]?.array ?? []
        guard root["plan"]?["scenarios"]?.integer != nil, root["run"]?["label"]?.string != nil,
            root["not-run"]?.object != nil,
            isList(root["implementations"], of: ["name", "client", "version", "source"]),
            isList(root["cells"], of: ["kind", "source"]),
            cells.allSatisfy({ $0["groups"]?.object != nil && $0["failures"]?.object != nil }),
            cells.allSatisfy({ kinds.contains($0["kind"]?.string ?? "") })
        else { throw unusable("a member of the matrix is missing or of another type") }
        do throws(JSONError) {
            return try HTMLReport.page(PackageResources.matrix_html, script: PackageResources.matrix_js, data: root)
        } catch {
            throw unusable("\(error)")
        }
    }

    private static let kinds = ["reads", "refuses", "writes", "reproduces", "controls"]

    private static func isList(_ value: JSONValue?, of names: [String]) -> Bool {
        guard let list = value?.array else { return false }
        return list.allSatisfy { item in names.allSatisfy { item[$0]?.string != nil } }
    }
}
