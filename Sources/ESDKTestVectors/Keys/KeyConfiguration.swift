package import ESDKSystem
import StrictJSON

/// The named sets of keys in a configuration file, which `--key @NAME` takes.
///
///     {"keys": {"backups": ["raw-aes:namespace=backups,name=2026,file=backup.key", "aws-kms:arn:aws:kms:…"]}}
package struct KeyConfiguration: Sendable {
    private let path: SystemPath
    private let sets: JSONObject

    /// The file that is read when no other one is named: `$XDG_CONFIG_HOME/esdk/config.json`, or the one in `~/.config`.
    package static var usualPath: SystemPath? {
        if let folder = Environment.path("XDG_CONFIG_HOME"), folder.isAbsolute {
            return folder.appending("esdk/config.json")
        }
        return Environment.path("HOME")?.appending(".config/esdk/config.json")
    }

    /// Where relative paths of its keys start: its own folder.
    package var folder: SystemPath { path.parent }

    /// Reads a configuration.
    ///
    /// - Parameter path: the file.
    /// - Throws: `SystemError`; `KeyArgumentError` for what is not a configuration.
    package init(_ path: SystemPath) throws {
        self.path = path
        let value: JSONValue
        do {
            value = try StrictJSON.parse(try SystemFile.read(path, limit: 1 << 20), source: path.description)
        } catch let error as JSONError {
            throw KeyArgumentError("\(error)")
        }
        guard let sets = value["keys"]?.object else {
            throw KeyArgumentError("\(path) has no object \"keys\", whose members are the named sets of keys")
        }
        self.sets = sets
    }

    /// The keys of a set.
    ///
    /// - Parameter name: the set's name, without `@`.
    /// - Throws: for a name that is not there, and keys that cannot be read.
    package func keys(_ name: String) throws(KeyArgumentError) -> [KeyArgument] {
        guard let value = sets[name] else {
            throw KeyArgumentError(unknown: name, "set of keys in \(path)", among: sets.names)
        }
        let texts = (value.array ?? [value]).map(\.string)
        guard !texts.isEmpty, !texts.contains(nil) else {
            throw KeyArgumentError("\"\(name)\" in \(path) is not a key or a list of keys, written as after --key")
        }
        var keys: [KeyArgument] = []
        for text in texts.compactMap(\.self) {
            do { keys.append(try KeyArgument(text)) } catch {
                throw KeyArgumentError("\(path), set \"\(name)\": \(error)")
            }
        }
        return keys
    }
}
