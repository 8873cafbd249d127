import CArgp
import Glibc

/// One command's options and arguments, parsed by glibc's argp: GNU conventions, `--help` and `--usage` from one table.
struct ArgumentParser {
    /// An option.
    struct Option {
        /// The long name, without dashes.
        let name: String
        /// The short name, if there is one.
        var letter: Character?
        /// What the argument is called, or nil when there is none.
        var argument: String?
        /// What it does.
        let help: String
        /// Takes the argument; returns what is wrong with it, or nil.
        let apply: (String?) -> String?
    }

    /// The command as the user types it, such as `esdk vectors decrypt`.
    let command: String
    /// What the usage line says after the options.
    let argumentsHelp: String
    /// What stands before the options in the help.
    let summary: String
    /// What stands after the options in the help.
    let details: String
    let options: [Option]

    /// Parses `arguments` (without the command) and returns those that are not options; on a wrong one argp prints a
    /// line and ends the process with exit code 2, on `--help` and `--version` it prints those and ends it with 0.
    ///
    /// - Parameters:
    ///   - stopsAtArgument: whether the first argument that is not an option ends the options, as a sub-command's name
    ///     does. It and all after it are returned.
    ///   - requires: what is missing when there is no argument; nil when none is needed.
    func parse(_ arguments: [String], stopsAtArgument: Bool = false, requires missing: String? = nil) -> [String] {
        let context = Context(options: options, stopsAtArgument: stopsAtArgument, missing: missing)
        // argp keeps pointers to what it is given until it returns; where it ends the process instead, so do they.
        var copies: [UnsafeMutablePointer<CChar>?] = unsafe []
        func copy(_ text: String) -> UnsafeMutablePointer<CChar>? {
            unsafe copies.append(strdup(text))
            return unsafe copies.last ?? nil
        }
        defer { while let pointer = unsafe copies.popLast() { unsafe free(pointer) } }
        var table: [argp_option] = unsafe options.enumerated().map { index, option in
            unsafe argp_option(
                name: copy(option.name),
                key: Context.key(of: option, at: index),
                arg: option.argument.flatMap { unsafe copy($0) },
                flags: 0,
                doc: copy(option.help),
                group: 0
            )
        }
        unsafe table.append(argp_option())
        var words = unsafe ([command] + arguments).map { unsafe copy($0) } + [nil]
        let documentation = details.isEmpty ? summary : "\(summary)\u{B}\(details)"
        unsafe table.withUnsafeBufferPointer { table in
            var description = unsafe argp(
                options: table.baseAddress,
                parser: { key, argument, state in
                    guard let state = unsafe state, let input = unsafe state.pointee.input else { return 0 }
                    let context = unsafe Unmanaged<Context>.fromOpaque(input).takeUnretainedValue()
                    return unsafe context.take(key, argument.map { unsafe String(cString: $0) }, state)
                },
                args_doc: copy(argumentsHelp),
                doc: copy(documentation),
                children: nil,
                help_filter: nil,
                argp_domain: nil
            )
            let count = Int32(arguments.count + 1)
            let flags = stopsAtArgument ? UInt32(ARGP_IN_ORDER) : 0
            _ = unsafe words.withUnsafeMutableBufferPointer { words in
                unsafe argp_parse(
                    &description,
                    count,
                    words.baseAddress,
                    flags,
                    nil,
                    Unmanaged.passUnretained(context).toOpaque()
                )
            }
        }
        return withExtendedLifetime(context) { context.arguments }
    }

    /// What the C callback works on.
    private final class Context {
        private let options: [Option]
        private let stopsAtArgument: Bool
        private let missing: String?
        var arguments: [String] = []

        init(options: [Option], stopsAtArgument: Bool, missing: String?) {
            self.options = options
            self.stopsAtArgument = stopsAtArgument
            self.missing = missing
        }

        /// An option is known by its letter, or by a number that is no letter.
        static func key(of option: Option, at index: Int) -> Int32 {
            option.letter?.asciiValue.map(Int32.init) ?? Int32(0x1000 + index)
        }

        func take(_ key: Int32, _ argument: String?, _ state: UnsafeMutablePointer<argp_state>) -> error_t {
            switch key {
            case Int32(ARGP_KEY_ARG):
                arguments.append(argument ?? "")
                if stopsAtArgument {
                    let rest = unsafe Int(state.pointee.next)..<Int(state.pointee.argc)
                    for index in rest {
                        if let word = unsafe state.pointee.argv[index] {
                            arguments.append(unsafe String(cString: word))
                        }
                    }
                    unsafe state.pointee.next = state.pointee.argc
                }
                return 0
            case Int32(ARGP_KEY_NO_ARGS):
                if let missing { unsafe esdk_argp_error(state, missing) }
                return 0
            default:
                guard let index = options.indices.first(where: { Self.key(of: options[$0], at: $0) == key }) else {
                    return error_t(ARGP_ERR_UNKNOWN)
                }
                if let problem = options[index].apply(argument) {
                    unsafe esdk_argp_error(state, "--\(options[index].name): \(problem)")
                }
                return 0
            }
        }
    }
}
