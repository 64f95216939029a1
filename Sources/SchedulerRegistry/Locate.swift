import Glibc

/// The program that a registration means: a path is relative to the file that registers it; a name is looked for in the
/// folder of Switchyard's own programs, and failing that left to `PATH`.
func locate(_ program: String, beside file: String, _ toolFolder: String) -> String {
    if program.hasPrefix("/") { return program }
    // The process starts in the file's folder, so a relative path stands as it is.
    if program.contains("/") { return program }
    let own = "\(toolFolder)/\(program)"
    return access(own, X_OK) == 0 ? own : program
}

/// The folder that a file is in.
func folder(of file: String) -> String {
    file.lastIndex(of: "/").map { String(file[...$0]) } ?? "."
}
