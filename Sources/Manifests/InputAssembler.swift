import ClusterModel

/// Puts the objects of an input together and checks what no object can know alone.
struct InputAssembler {
    private let loader: ObjectLoader
    /// Whether references to what is not there are faults.
    private let isStrict: Bool
    private let pieces: WrittenPieces
    /// What was put together so far.
    private(set) var input = ClusterInput()
    /// What is wrong.
    private(set) var errors: [InputError]

    /// Whether an object is left out for its faults, in step with the loader's objects.
    private var isSetAside: [Bool]
    private var nodeNames: Set<String> = []
    private var priorityClasses: Set<String> = []
    private var strayPods = StrayPods()
    /// How many objects make no pods, by kind and reason.
    private var idle: [String: Int] = [:]

    /// Members of groups, by task, that are left out and yet count as placed: they have run to their end, or run elsewhere.
    private var placedMembers: [ObjectKey: [String: Int]] = [:]

    /// Starts with what a loader has read.
    init(_ loader: ObjectLoader, strict: Bool) {
        self.loader = loader
        self.isStrict = strict
        self.pieces = WrittenPieces(loader.units)
        self.errors = loader.errors
        self.isSetAside = Array(repeating: false, count: loader.objects.count)
    }

    /// Whether anything is left to work with.
    var hasObjects: Bool { isSetAside.contains(false) }

    /// Sorts the objects by kind, makes the pods of collections, and finds names that are taken twice or not allowed.
    mutating func assemble() {
        var names = NameTable()
        var passedOver: [String: (count: Int, why: String)] = [:]
        for (index, loaded) in loader.objects.enumerated() {
            if case .passedOver(let kind, let why) = loaded.object {
                passedOver[kind, default: (0, why)].count += 1
                continue
            }
            check(loaded, index)
            guard !isSetAside[index] else { continue }
            if let first = names.insert(loaded.object, index) { reportDuplicate(loaded, index, first) }
        }
        input.warnings += loader.warnings
        noteNames()
        let makers = WorkloadPods(
            owned: OwnedObjects(loader.objects, leavingOut: isSetAside), nodes: allNodes)
        for (index, loaded) in loader.objects.enumerated() where !isSetAside[index] {
            add(loaded, index, makers, &names)
        }
        for (kind, objects) in passedOver.sorted(by: { $0.key < $1.key }) {
            input.warnings.append("passed over \(objects.count) of kind \(kind)\(objects.why)")
        }
        if input.finishedPods > 0 {
            input.warnings.append("left out \(input.finishedPods) pods that have ended")
        }
        for (what, count) in idle.sorted(by: { $0.key < $1.key }) {
            input.warnings.append("made no pods of \(count) of kind \(what)")
        }
        input.warnings += strayPods.warnings
        warnOfDefaults()
        warnOfPooledDevices()
    }

    /// Notes what others name, which may stand further down than they do.
    private mutating func noteNames() {
        priorityClasses = Set(PriorityClass.builtIn.map(\.metadata.name))
        for (index, loaded) in loader.objects.enumerated() where !isSetAside[index] {
            switch loaded.object {
            case .node(let node): nodeNames.insert(node.name)
            case .listed(let object) where object.kind == "PriorityClass": priorityClasses.insert(object.metadata.name)
            default: break
            }
        }
    }

    private mutating func add(
        _ loaded: LoadedObject, _ index: Int, _ makers: WorkloadPods, _ names: inout NameTable
    ) {
        switch loaded.object {
        case .node(let node): input.nodes.append(node)
        case .listed(let object): object.add(&input)
        case .passedOver: break
        case .pod(var pod):
            guard !pod.isFinished else {
                input.finishedPods += 1
                if pod.phase == "Succeeded" { notePlaced(pod) }
                return
            }
            checkPriorityClass(pod.spec, index, FieldPath("spec"))
            guard !isStray(pod, index) else {
                if !pod.isTerminating { notePlaced(pod) }
                return
            }
            pod.written = pieces.object(loaded)
            append([pod], index)
        case .workload(let workload):
            let most = InputLimits.objects - input.pods.count
            guard workload.expectedCount(nodes: makers.nodes.count) <= most else {
                report(
                    .tooLarge, index, at: FieldPath("spec"), expected: "at most \(InputLimits.objects) pods in all",
                    found: "more")
                return
            }
            for spec in workload.templates {
                checkPriorityClass(spec, index, FieldPath("spec", "template", "spec"))
            }
            add(makers.make(workload), of: workload, index, &names)
        }
    }

    private mutating func add(
        _ made: WorkloadPods.Outcome, of workload: Workload, _ index: Int, _ names: inout NameTable
    ) {
        input.collections += made.collections
        if let why = made.idle { idle["\(workload.kind): \(why)", default: 0] += 1 }
        guard !made.parts.isEmpty else { return }
        for group in workload.groups where !names.isTaken("PodGroup", group.metadata.key) {
            input.podGroups.append(group)
        }
        for part in made.parts {
            let template = part.path.map { pieces.object(loader.objects[index], inner: $0) }
            var pods = part.pods
            for position in pods.indices {
                names.claim(&pods[position], workload.kind)
                pods[position].written = template
            }
            append(pods, index)
        }
    }

    /// Counts a pod that is left out as a member of its group that has been placed.
    private mutating func notePlaced(_ pod: Pod) {
        guard let group = pod.groupKey else { return }
        placedMembers[group, default: [:]][pod.task, default: 0] += 1
    }

    private var allNodes: [Node] {
        loader.objects.enumerated().compactMap { index, loaded in
            if case .node(let node) = loaded.object, !isSetAside[index] { node } else { nil }
        }
    }

    private mutating func append(_ pods: [Pod], _ index: Int) {
        let unit = loader.units[loader.objects[index].unit]
        if input.files.last != unit.text.file { input.files.append(unit.text.file) }
        let source = ClusterInput.PodSource(file: input.files.count - 1, line: unit.contentLine)
        input.pods += pods
        input.podSources += repeatElement(source, count: pods.count)
    }

    /// Finds a priority class that is not there; only strictly, as admission refuses the pods of such a class anyway.
    private mutating func checkPriorityClass(_ spec: PodSpec, _ index: Int, _ path: FieldPath) {
        // A pod whose priority was resolved already, as kubectl prints it, needs its class no more.
        guard isStrict, !spec.priorityClassName.isEmpty, spec.priority == nil,
            !priorityClasses.contains(spec.priorityClassName)
        else { return }
        report(
            .danglingReference, index, at: path.appending("priorityClassName"),
            expected: "the name of a PriorityClass of the input", found: "\"\(spec.priorityClassName)\"")
    }

    /// Whether a pod stands on a node that the input does not have, and so takes no room of any that it has.
    private mutating func isStray(_ pod: Pod, _ index: Int) -> Bool {
        // Without any node the input describes work alone.
        guard let node = pod.spec.nodeName, !nodeNames.isEmpty, !nodeNames.contains(node) else { return false }
        if isStrict, !pod.isTerminating {
            report(
                .danglingReference, index, at: FieldPath("spec", "nodeName"),
                expected: "the name of a Node of the input", found: "\"\(node)\"")
        }
        strayPods.add(pod, node)
        return true
    }

    private mutating func warnOfDefaults() {
        let defaults = input.priorityClasses.filter(\.globalDefault).map(\.metadata.name)
        if defaults.count > 1 {
            input.warnings.append(
                "\(defaults.count) priority classes are the global default: \(listed(defaults)); the lowest one counts")
        }
    }

    private mutating func warnOfPooledDevices() {
        let nodes = input.nodes.filter { $0.allocatable[GPU.deviceResource]?.value ?? 0 > GPU.maxDevices }.map(\.name)
        guard !nodes.isEmpty else { return }
        input.warnings.append(
            "\(nodes.count) nodes offer more than \(GPU.maxDevices) of \(GPU.deviceResource), which are counted there, "
                + "without indices or shares: \(listed(nodes))")
    }

    private mutating func report(
        _ code: InputError.Code, _ index: Int, at path: FieldPath, expected: String, found: String
    ) {
        isSetAside[index] = true
        errors.append(
            loader.error(
                code, loader.objects[index], at: path, expected: expected, found: found,
                exact: errors.count < InputLimits.shownErrors))
    }

    private mutating func reportDuplicate(_ loaded: LoadedObject, _ index: Int, _ first: Int) {
        let earlier = loader.objects[first]
        let unit = loader.units[earlier.unit]
        let isShown = errors.count < InputLimits.shownErrors
        let exact =
            isShown ? unit.location(of: FieldPath(earlier.path.elements + [.key("metadata"), .key("name")])) : nil
        report(
            .duplicateName, index, at: FieldPath("metadata", "name"), expected: "a name that is not taken",
            found: "the name of the \(loaded.object.kind) at \(unit.text.file):\((exact ?? unit.place).line)")
    }

    /// Names and labels, and amounts of GPUs that cannot be.
    private mutating func check(_ loaded: LoadedObject, _ index: Int) {
        for fault in ObjectRules.faults(of: loaded.object) {
            report(
                fault.path.elements.first == .key("metadata") ? .invalidName : .field, index, at: fault.path,
                expected: fault.expected, found: fault.found)
        }
    }
}

/// Pods that stand on nodes which the input does not have.
private struct StrayPods {
    private var nodes: [String] = []
    private var known: Set<String> = []
    private var standing = 0
    private var terminating = 0

    mutating func add(_ pod: Pod, _ node: String) {
        if known.insert(node).inserted { nodes.append(node) }
        if pod.isTerminating { terminating += 1 } else { standing += 1 }
    }

    /// One warning for all of them.
    var warnings: [String] {
        guard standing + terminating > 0 else { return [] }
        let leaving = terminating > 0 ? " (\(terminating) of them terminating)" : ""
        return [
            "left out \(standing + terminating) pods\(leaving) on nodes that the input does not have: \(listed(nodes))"
        ]
    }
}

/// A few of some names, and how many more there are.
func listed(_ names: [String]) -> String {
    let shown = names.prefix(5).joined(separator: ", ")
    return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
}

extension InputAssembler {
    /// Adds the groups that pods name and nobody defines, and warns of groups that can never be complete.
    mutating func completeGroups() {
        let census = GroupCensus(input, placed: placedMembers)
        input.podGroups = census.groups
        input.warnings += census.warnings
    }

    /// Says which namespaces' labels are asked for and not known.
    private mutating func warnOfNamespaceSelectors() {
        guard !input.assumedNamespaces.isEmpty else { return }
        let count = input.pods.count { $0.spec.affinity.selectsNamespacesByLabels }
        guard count > 0 else { return }
        input.warnings.append(
            "\(count) pods select namespaces by their labels, of which only kubernetes.io/metadata.name is known where "
                + "the input has no Namespace object: \(listed(input.assumedNamespaces))")
    }

    /// Adds the namespaces that objects stand in and nobody defines.
    mutating func completeNamespaces() {
        var names = Set(input.namespaces.map(\.metadata.name))
        let used = input.pods.lazy.map(\.metadata.namespace) + input.services.lazy.map(\.metadata.namespace)
        for name in used where names.insert(name).inserted {
            input.namespaces.append(Namespace(name: name))
            input.assumedNamespaces.append(name)
        }
        warnOfNamespaceSelectors()
    }
}

/// The names that are taken, by kind.
private struct NameTable {
    private struct Key: Hashable {
        var kind: String
        var object: ObjectKey
    }

    private var taken: [Key: Int] = [:]

    /// Takes the name of an object; answers the object that has it already, if one does.
    mutating func insert(_ object: ClusterObject, _ index: Int) -> Int? {
        guard let key = object.metadata?.key else { return nil }
        let entry = Key(kind: object.kindID, object: key)
        if let first = taken[entry] { return first }
        taken[entry] = index
        return nil
    }

    /// Whether an object has a name.
    func isTaken(_ kind: String, _ key: ObjectKey) -> Bool { taken[Key(kind: kind, object: key)] != nil }

    /// Takes a name for a pod that a collection makes.
    ///
    /// Collections of different kinds may share a name, which would give their pods the same names too: the later ones
    /// then carry their kind, and a number if need be.
    mutating func claim(_ pod: inout Pod, _ kind: String) {
        let name = pod.metadata.name
        var attempt = 0
        while taken.updateValue(-1, forKey: Key(kind: "Pod", object: pod.metadata.key)) != nil {
            attempt += 1
            pod.metadata.name = "\(name)-\(kind.lowercased())" + (attempt > 1 ? "-\(attempt)" : "")
        }
    }
}
