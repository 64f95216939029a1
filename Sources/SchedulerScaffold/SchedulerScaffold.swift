/// Writes the first files of a new scheduler, which runs and passes every check as it stands.
public struct SchedulerScaffold: Hashable, Sendable {
    /// The languages with a kit.
    public enum Language: String, CaseIterable, Hashable, Sendable {
        case python
        case swift
        case c
        case shell
    }

    /// Why nothing was written: what was expected and what was found.
    public struct ScaffoldError: Error, Hashable, Sendable, CustomStringConvertible {
        /// `name: expected …, found …`
        public var description: String
    }

    /// The scheduler's name, as pods and policies call it.
    public let name: String
    /// What it is written in.
    public let language: Language
    /// Where Switchyard's package is, for a scheduler in Swift to build on.
    public let package: String

    /// A scheduler of the given name: a-z, 0-9 and -, beginning with a letter.
    public init(name: String, language: Language, package: String = "../switchyard") throws(ScaffoldError) {
        let allowed = name.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
        guard allowed, let first = name.utf8.first, first >= 0x61 else {
            throw ScaffoldError(
                description: "name: expected a-z, 0-9 and -, beginning with a letter, found \"\(name)\"")
        }
        self.name = name
        self.language = language
        self.package = package
    }

    /// The files, by their paths in the scheduler's folder.
    public var files: [(path: String, text: String)] {
        switch language {
        case .python:
            [
                ("\(script).py", Templates.python(className)),
                ("switchyard.py", String(decoding: PackageResources.switchyard_py, as: UTF8.self)),
                ("switchyard_rules.py", String(decoding: PackageResources.switchyard_rules_py, as: UTF8.self)),
                ("\(name).yaml", Templates.registration(name, ["python3", "\(script).py"])),
                ("README.md", Templates.readme(name, "switchyard scheduler check python3 \(script).py")),
            ]
        case .swift:
            [
                ("Package.swift", Templates.package(name, package)),
                ("Sources/\(name)/\(className).swift", Templates.swift(className)),
                ("\(name).yaml", Templates.registration(name, [".build/release/\(name)"])),
                (
                    "README.md",
                    Templates.readme(
                        name, "swift build -c release", "switchyard scheduler check .build/release/\(name)")
                ),
            ]
        case .c:
            [
                ("\(script).c", Templates.c(script)),
                ("switchyard.c", String(decoding: PackageResources.switchyard_c, as: UTF8.self)),
                ("switchyard.h", String(decoding: PackageResources.switchyard_h, as: UTF8.self)),
                ("Makefile", Templates.makefile(script)),
                ("\(name).yaml", Templates.registration(name, ["./\(script)"])),
                ("README.md", Templates.readme(name, "make", "switchyard scheduler check ./\(script)")),
            ]
        case .shell:
            [
                ("\(script).sh", shell),
                ("\(name).yaml", Templates.registration(name, ["sh", "\(script).sh"])),
                ("README.md", Templates.readme(name, "switchyard scheduler check sh \(script).sh")),
            ]
        }
    }

    /// The example, under the name of this script.
    private var shell: String {
        String(decoding: PackageResources.least_full_sh, as: UTF8.self)
            .replacing("./least_full.sh", with: "sh \(script).sh")
    }

    /// `my-scheduler` as Python calls a file: `my_scheduler`.
    private var script: String { String(name.map { $0 == "-" ? "_" : $0 }) }

    /// `my-scheduler` as a type is called: `MyScheduler`.
    private var className: String {
        name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
