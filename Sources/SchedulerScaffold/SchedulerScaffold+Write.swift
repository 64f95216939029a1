import Foundation

extension SchedulerScaffold {
    /// Writes the files into a folder, which is made if it is not there.
    ///
    /// - Returns: the paths written. Where one of them exists already nothing is written at all.
    public func write(into folder: String) throws(ScaffoldError) -> [String] {
        let manager = FileManager.default
        let targets = files.map { (path: "\(folder)/\($0.path)", text: $0.text) }
        for target in targets where manager.fileExists(atPath: target.path) {
            throw ScaffoldError(description: "\(target.path): expected no such file yet, found one")
        }
        for target in targets {
            let parent = URL(fileURLWithPath: target.path).deletingLastPathComponent()
            do {
                try manager.createDirectory(at: parent, withIntermediateDirectories: true)
                try Data(target.text.utf8).write(to: URL(fileURLWithPath: target.path))
            } catch {
                throw ScaffoldError(description: "\(target.path): could not be written: \(error.localizedDescription)")
            }
        }
        return targets.map(\.path)
    }
}
