import ClusterModel
import Simulation

extension ReplayResult {
    /// The result as a document for machines: what any simulation tells, and `jobs`, `schedule` and `timeline`.
    public var value: Value {
        guard case .object(let fields) = simulation.value else { return simulation.value }
        let ran = jobs.compactMap { job in
            job.start.map { start in
                Value.object(
                    [.init("id", .int(Int64(job.id))), .init("start", .int(Int64(start)))]
                        + (job.end.map { [.init("end", .int(Int64($0)))] } ?? []))
            }
        }
        return .object(
            fields + [
                .init("jobs", .array(ran)), .init("schedule", scheduleValue),
                .init("use", use.value), .init("services", .array(services.map(\.value))),
                .init("timeline", .array(timeline.map(\.value))),
            ])
    }

    private var scheduleValue: Value {
        .object(
            figures.fields + [
                .init("restarts", .int(Int64(restarts))), .init("moments", .int(Int64(moments))),
                .init("traceSeconds", .int(Int64(traceSeconds))),
            ])
    }
}

extension ScheduleFigures {
    /// The figures as an object, for reports in JSON.
    public var value: Value { .object(fields) }

    fileprivate var fields: [Value.Field] {
        [
            .init("jobs", .int(Int64(jobs))), .init("meanWaitSeconds", .double(meanWait)),
            .init("medianWaitSeconds", .int(Int64(medianWait))), .init("p95WaitSeconds", .int(Int64(p95Wait))),
            .init("p99WaitSeconds", .int(Int64(p99Wait))), .init("longestWaitSeconds", .int(Int64(longestWait))),
            .init("meanBoundedSlowdown", .double(meanBoundedSlowdown)),
            .init("areaWeightedWaitSeconds", .double(areaWeightedWait)), .init("utilization", .double(utilization)),
            .init("middleUtilization", .double(middleUtilization)), .init("makespanSeconds", .int(Int64(makespan))),
            .init("overtakers", .int(Int64(overtakers))),
        ]
    }
}

extension ReplayResult.Slice {
    fileprivate var value: Value {
        .object([
            .init("time", .int(Int64(time))), .init("waiting", .double(waiting)),
            .init("used", .double(used)), .init("use", use.value),
            .init("meanWaitSeconds", meanWait.map { .double($0) } ?? .null),
        ])
    }
}

extension ClusterUse {
    fileprivate var value: Value {
        .object([
            .init("cpu", .double(cpu)), .init("memory", .double(memory)), .init("gpu", .double(gpu)),
            .init("fragmentation", .double(fragmentation)), .init("offeredGPU", .double(offeredGPU)),
        ])
    }
}

extension UseFigures {
    fileprivate var value: Value {
        .object([
            .init("mean", mean.value), .init("peak", peak.value),
            .init("gpuServed", gpuServed.map { .double($0) } ?? .null), .init("started", .int(Int64(started))),
            .init("neverStarted", .int(Int64(neverStarted))), .init("meanWaitSeconds", .double(meanWait)),
            .init("medianWaitSeconds", .int(Int64(medianWait))), .init("p95WaitSeconds", .int(Int64(p95Wait))),
            .init("longestWaitSeconds", .int(Int64(longestWait))),
            .init("podsPerConflict", podsPerConflict.map { .double($0) } ?? .null),
        ])
    }
}

extension ServiceSpread {
    fileprivate var value: Value {
        .object([
            .init("name", .string(name)), .init("pods", .int(Int64(pods))),
            .init("mostOnNode", .int(Int64(mostOnNode))), .init("limit", limit.map { .int(Int64($0)) } ?? .null),
            .init("worstZoneSkew", .int(Int64(worstSkew))), .init("meanZoneSkew", .double(meanSkew)),
        ])
    }
}
