import ClusterModel
import Foundation
import Synchronization

/// Rewrites a file again and again on a thread of its own, with sound and with broken text, as an editor or a rollout may.
public final class FileRewriter: Sendable {
    private let isStopped = Atomic<Bool>(false)
    private let isDone = Atomic<Bool>(false)

    /// Starts: two of three texts are sound, and there are 4 to 33 ms between two; half of them are written in two parts
    /// where the file stands, the others beside it and then renamed over it.
    public init(_ path: String, good: [String], broken: [String]) {
        let thread = Thread { [self] in
            var random = SeededGenerator(seed: 5)
            var round = 0
            while !isStopped.load(ordering: .relaxed) {
                let text =
                    round % 3 == 2 ? broken[random.next(below: broken.count)] : good[(round - round / 3) % good.count]
                FileRewriter.write(text, to: path, inPlace: random.next(below: 2) == 0)
                Thread.sleep(forTimeInterval: 0.004 + Double(random.next(below: 30)) / 1_000)
                round += 1
            }
            isDone.store(true, ordering: .releasing)
        }
        thread.start()
    }

    /// Returns once the thread writes no more.
    public func stop() {
        isStopped.store(true, ordering: .relaxed)
        while !isDone.load(ordering: .acquiring) { Thread.sleep(forTimeInterval: 0.001) }
    }

    private static func write(_ text: String, to path: String, inPlace: Bool) {
        let target = inPlace ? path : path + ".new"
        guard let file = fopen(target, "w") else { return }
        let bytes = Array(text.utf8)
        fwrite(bytes, 1, bytes.count / 2, file)
        fflush(file)
        fwrite(Array(bytes[(bytes.count / 2)...]), 1, bytes.count - bytes.count / 2, file)
        fclose(file)
        if !inPlace { rename(target, path) }
    }
}
