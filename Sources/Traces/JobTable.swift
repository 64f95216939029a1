import ClusterModel
import Manifests

/// Jobs in a CSV file with the columns `id`, `submit`, `run`, `procs` and perhaps `estimate`, all whole numbers; times in
/// seconds.
public enum JobTable {
    /// Reads a file.
    ///
    /// - Parameter capacity: processors in all.
    public static func load(path: String, capacity: Int) throws(InputErrors) -> JobTrace {
        let table = try TraceTable(path: path, columns: ["id", "submit", "run", "procs"])
        return try read(table, capacity: capacity)
    }

    /// Reads a table.
    static func read(_ table: TraceTable, capacity: Int) throws(InputErrors) -> JobTrace {
        var jobs: [(line: Int, job: JobTrace.Job)] = []
        var faults: [InputError] = []
        for row in table.rows {
            do throws(InputError) {
                let run = Int(try table.number(row, "run", in: 1...TraceLimits.seconds))
                let estimate =
                    table.text(row, "estimate").isEmpty
                    ? run : Int(try table.number(row, "estimate", in: 1...TraceLimits.seconds))
                jobs.append(
                    (
                        row.line,
                        JobTrace.Job(
                            id: Int(try table.number(row, "id")),
                            submitted: Int(try table.number(row, "submit", in: 0...TraceLimits.seconds)), run: run,
                            processors: Int(try table.number(row, "procs", in: 1...Int64(Int32.max))),
                            estimate: estimate)
                    ))
            } catch {
                faults.append(error)
            }
        }
        guard faults.isEmpty else { throw InputErrors(faults) }
        return try JobTrace(jobs, capacity: capacity, file: table.file)
    }
}
