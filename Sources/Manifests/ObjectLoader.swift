import ClusterModel
import Dispatch
import Synchronization

/// One object of an input and where it came from.
struct LoadedObject: Sendable {
    /// The object.
    var object: ClusterObject
    /// The piece of text that it was read from, as an index into `ObjectLoader.units`.
    var unit: Int
    /// Where it stands in that piece.
    var path: FieldPath
}

/// Reads files into objects, on all cores.
struct ObjectLoader {
    /// The pieces of the files, in order.
    private(set) var units: [SourceUnit] = []
    /// The kind of each piece's objects where they do not say, as the items of a `PodList`.
    private var defaults: [ClusterObject.ItemDefaults?] = []
    /// The lists that were cut into items, and the pieces that these became.
    private var lists: [(document: SourceUnit, items: Range<Int>)] = []
    /// The objects, in the order of the files.
    private(set) var objects: [LoadedObject] = []
    /// The files that cannot be used at all, and why.
    private(set) var refusals: [InputError] = []
    /// What is wrong with single documents and objects, in the order of the files.
    private(set) var errors: [InputError] = []
    /// How many more such errors there are.
    private(set) var omittedErrors = 0
    /// What was passed over before anything was read.
    private(set) var warnings: [String] = []
    /// The files that nobody has named one by one.
    private var filesOfFolders: Set<String> = []

    /// Lists and mappings that nothing here reads, and of which kubectl prints a lot: `managedFields` alone can be more than
    /// half of a pod.
    ///
    /// They are left out whatever the text is written in, and none of these words can be the key of anything nested that is
    /// read.
    private static let skippedKeys: Set<String> = [
        "managedFields", "ephemeralContainerStatuses", "lastState", "volumeMounts", "volumeDevices", "env",
        "envFrom", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "securityContext", "daemonEndpoints",
        "nodeInfo",
    ]

    /// Reads the files, and those of the folders, each once even if named twice.
    init(paths: [String]) {
        var seen: Set<String> = []
        for path in paths where seen.insert(path).inserted {
            do throws(InputError) {
                if let folder = try InputFolder(path: path) {
                    add(folder, path, &seen)
                } else {
                    try add(SourceText(path: path))
                }
            } catch { refusals.append(error) }
        }
        parse()
    }

    /// Reads the files of a folder: those without objects say nothing, and one that cannot be read is set aside.
    private mutating func add(_ folder: InputFolder, _ path: String, _ seen: inout Set<String>) {
        warnings += folder.warnings
        var isEmpty = true
        for file in folder.files where seen.insert(file).inserted {
            filesOfFolders.insert(file)
            do throws(InputError) {
                try add(SourceText(path: file))
                isEmpty = false
            } catch {
                guard error.code != .empty else { continue }
                isEmpty = false
                errors.append(error)
            }
        }
        guard isEmpty, folder.files.contains(where: filesOfFolders.contains) else { return }
        refusals.append(
            InputError(.empty, file: path, expected: "at least one object", found: "no objects in any of its files"))
    }

    /// Reads texts that are in memory.
    init(texts: [(file: String, text: String)]) {
        for (file, text) in texts {
            do throws(InputError) {
                try add(SourceText(file: file, bytes: Array(text.utf8)))
            } catch { refusals.append(error) }
        }
        parse()
    }

    /// An error of a loaded object.
    ///
    /// Its exact place costs another reading of the piece; otherwise it stands where that begins.
    func error(
        _ code: InputError.Code, _ loaded: LoadedObject, at path: FieldPath, expected: String, found: String,
        exact: Bool
    ) -> InputError {
        let unit = units[loaded.unit]
        let place = exact ? unit.location(of: FieldPath(loaded.path.elements + path.elements)) : unit.place
        let key = loaded.object.metadata.map { "\(loaded.object.kind) \($0.key)" } ?? loaded.object.kind
        return InputError(
            code, file: unit.text.file, line: place?.line, column: place?.column, object: key, path: path,
            expected: expected, found: found)
    }

    private mutating func add(_ text: SourceText) throws(InputError) {
        let documents = SourceSplitter.documents(of: text)
        guard !documents.isEmpty else {
            throw InputError(.empty, file: text.file, expected: "at least one object", found: "no objects")
        }
        let first = units.count
        for document in documents {
            let list = SourceSplitter.list(document)
            guard units.count + (list?.items.count ?? 1) <= InputLimits.objects else {
                units.removeSubrange(first...)
                defaults.removeSubrange(first...)
                lists.removeAll { $0.items.lowerBound >= first }
                throw InputError(
                    .tooLarge, file: text.file, expected: "at most \(InputLimits.objects) objects in all",
                    found: "more")
            }
            if let list {
                lists.append((document, units.count..<units.count + list.items.count))
                units += list.items
                defaults += repeatElement(ClusterObject.ItemDefaults(header: list.header), count: list.items.count)
            } else {
                units.append(document)
                defaults.append(nil)
            }
        }
        countLines(from: first)
    }

    /// Notes the line that each piece begins on, in one pass over the text.
    private mutating func countLines(from first: Int) {
        guard first < units.count else { return }
        let text = units[first].text
        text.bytes.withUnsafeBufferPointer { bytes in
            var line = 1
            var position = text.start
            for index in first..<units.count {
                let start = units[index].range.lowerBound
                var newlines = 0
                for byte in UnsafeBufferPointer(rebasing: bytes[position..<max(position, start)]) {
                    newlines &+= byte == 0x0A ? 1 : 0
                }
                line += newlines
                position = max(position, start)
                units[index].line = line
            }
        }
    }

    /// What one piece of work found.
    private struct Batch: Sendable {
        var objects: [LoadedObject] = []
        var faults: [Fault] = []
        /// How many faults there were beyond those that may be shown.
        var omitted = 0
        /// The items of lists that could not be parsed.
        var brokenItems: [Int] = []
        /// A piece of each file of which something could be parsed.
        var parsed: [Int] = []

        private var latestText: ObjectIdentifier?

        mutating func noteParsed(_ unit: SourceUnit, _ index: Int) {
            guard latestText != ObjectIdentifier(unit.text) else { return }
            latestText = ObjectIdentifier(unit.text)
            parsed.append(index)
        }

        mutating func add(_ fault: Fault) {
            if faults.count < InputLimits.shownErrors { faults.append(fault) } else { omitted += 1 }
        }
    }

    /// What is wrong with a piece: its text, or an object of it, whose place is not known yet.
    private enum Fault: Sendable {
        case text(InputError)
        case object(ClusterObject.Fault, unit: Int, path: FieldPath)
    }

    private mutating func parse() {
        var batches = parsedBatches()
        if joinLists(broken: batches.flatMap(\.brokenItems)) { batches = parsedBatches() }
        var isText: Set<ObjectIdentifier> = []
        for batch in batches {
            objects += batch.objects
            for fault in batch.faults { errors.append(located(fault)) }
            omittedErrors += batch.omitted
            for index in batch.parsed { isText.insert(ObjectIdentifier(units[index].text)) }
        }
        refuseGarbage(isText)
    }

    private func parsedBatches() -> [Batch] {
        // Small enough that the cores finish together, large enough that handing out work costs nothing.
        let batchSize = 64
        let count = (units.count + batchSize - 1) / batchSize
        let units = units
        let defaults = defaults
        let batches = Mutex([Batch](repeating: Batch(), count: count))
        DispatchQueue.concurrentPerform(iterations: count) { number in
            var batch = Batch()
            for index in number * batchSize..<min((number + 1) * batchSize, units.count) {
                ObjectLoader.read(units[index], index, defaults[index], &batch)
            }
            batches.withLock { $0[number] = batch }
        }
        return batches.withLock { $0 }
    }

    /// Takes lists as they are, in one piece, where an item cannot be read alone and the whole can: an alias may stand for
    /// what another item has, and a string's lines may look like items.
    ///
    /// - Returns: whether there were such lists, so that all is to be read again.
    private mutating func joinLists(broken: [Int]) -> Bool {
        guard !broken.isEmpty else { return false }
        var rest = broken.sorted()[...]
        var joined: [(document: SourceUnit, items: Range<Int>)] = []
        for list in lists {
            rest = rest.drop { $0 < list.items.lowerBound }
            guard let first = rest.first, list.items.contains(first) else { continue }
            guard (try? list.document.parse(skipping: ObjectLoader.skippedKeys)) != nil else { continue }
            joined.append(list)
        }
        guard !joined.isEmpty else { return false }
        var pieces: [SourceUnit] = []
        var ofItems: [ClusterObject.ItemDefaults?] = []
        var next = 0
        for list in joined {
            pieces += units[next..<list.items.lowerBound]
            ofItems += defaults[next..<list.items.lowerBound]
            pieces.append(list.document)
            ofItems.append(nil)
            next = list.items.upperBound
        }
        units = pieces + units[next...]
        defaults = ofItems + defaults[next...]
        lists = []
        return true
    }

    /// Refuses files that somebody named and of which no document could be parsed: what they are for is not to be known.
    private mutating func refuseGarbage(_ isText: Set<ObjectIdentifier>) {
        let garbage = Set(units.lazy.filter { !isText.contains(ObjectIdentifier($0.text)) }.map(\.text.file))
            .subtracting(filesOfFolders)
        guard !garbage.isEmpty else { return }
        refusals += errors.filter { garbage.contains($0.file) }
        errors.removeAll { garbage.contains($0.file) }
    }

    /// A fault with its place.
    ///
    /// Finding the exact one means reading the piece once more, so those that will not be shown stand at the beginning
    /// of their piece.
    private func located(_ fault: Fault) -> InputError {
        switch fault {
        case .text(let error): return error
        case .object(let fault, let index, let path):
            let unit = units[index]
            let place = errors.count < InputLimits.shownErrors ? unit.location(of: fault.error.path) : unit.place
            return InputError(
                fault.code, file: unit.text.file, line: place?.line, column: place?.column, object: fault.object,
                path: FieldPath(Array(fault.error.path.elements.dropFirst(path.elements.count))),
                expected: fault.error.expected, found: fault.error.found)
        }
    }

    private static func read(
        _ unit: SourceUnit, _ index: Int, _ defaults: ClusterObject.ItemDefaults?, _ batch: inout Batch
    ) {
        let value: Value
        do throws(InputError) {
            guard let parsed = try unit.parse(skipping: skippedKeys) else { return }
            value = parsed
        } catch {
            batch.add(.text(error))
            if unit.item != nil { batch.brokenItems.append(index) }
            return
        }
        batch.noteParsed(unit, index)
        // An empty document between two markers says nothing; a null in a list is a mistake.
        if value == .null, unit.item == nil { return }
        var position = index
        ClusterObject.decode(value, defaults: defaults, position: &position) { result, path in
            switch result {
            case .success(let object): batch.objects.append(LoadedObject(object: object, unit: index, path: path))
            case .failure(let fault): batch.add(.object(fault, unit: index, path: path))
            }
        }
    }
}
