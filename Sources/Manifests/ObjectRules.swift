import ClusterModel

/// What Kubernetes' API server would refuse about an object beyond the types of its fields.
enum ObjectRules {
    /// The faults of an object's names, labels and amounts.
    static func faults(of object: ClusterObject) -> [FieldError] {
        guard let metadata = object.metadata else { return [] }
        var faults: [FieldError] = []
        checkNames(metadata, of: object, &faults)
        switch object {
        case .node(let node):
            checkDevices(node.allocatable, FieldPath("status", "allocatable"), &faults)
        case .pod(let pod):
            checkRequests(pod.spec, FieldPath("spec"), &faults)
            checkScheduling(pod.spec, FieldPath("spec"), &faults)
        case .workload(let workload):
            for spec in workload.templates {
                checkRequests(spec, FieldPath("spec", "template", "spec"), &faults)
                checkScheduling(spec, FieldPath("spec", "template", "spec"), &faults)
            }
        default: break
        }
        return faults
    }

    private static func checkNames(_ metadata: ObjectMeta, of object: ClusterObject, _ faults: inout [FieldError]) {
        let isLabel = object.kind == "Namespace"
        let valid = isLabel ? NameSyntax.isLabel(metadata.name) : NameSyntax.isSubdomain(metadata.name)
        if !valid {
            let expected = isLabel ? NameSyntax.labelWords : NameSyntax.subdomainWords
            faults.append(
                FieldError(path: FieldPath("metadata", "name"), expected: expected, found: "\"\(metadata.name)\""))
        }
        if !metadata.namespace.isEmpty, !NameSyntax.isLabel(metadata.namespace) {
            faults.append(
                FieldError(
                    path: FieldPath("metadata", "namespace"), expected: NameSyntax.labelWords,
                    found: "\"\(metadata.namespace)\""))
        }
        for (key, value) in metadata.labels {
            let path = FieldPath("metadata", "labels", key)
            if !NameSyntax.isQualifiedName(key) {
                faults.append(FieldError(path: path, expected: NameSyntax.keyWords, found: "the key \"\(key)\""))
            } else if !NameSyntax.isLabelValue(value) {
                faults.append(FieldError(path: path, expected: NameSyntax.valueWords, found: "\"\(value)\""))
            }
        }
        for key in metadata.annotations.keys where !NameSyntax.isQualifiedName(key) {
            let path = FieldPath("metadata", "annotations", key)
            faults.append(FieldError(path: path, expected: NameSyntax.keyWords, found: "the key \"\(key)\""))
        }
    }

    private static func checkRequests(_ spec: PodSpec, _ path: FieldPath, _ faults: inout [FieldError]) {
        for (field, containers) in [("containers", spec.containers), ("initContainers", spec.initContainers)] {
            for (index, container) in containers.enumerated() {
                let requests = container.requests
                guard requests[GPU.deviceResource] != nil || requests[GPU.shareResource] != nil else { continue }
                let place = path.appending(field).appending(index).appending("resources").appending("requests")
                checkDevices(requests, place, &faults)
                checkShare(requests, place, &faults)
            }
        }
    }

    private static func checkDevices(_ amounts: ResourceList, _ path: FieldPath, _ faults: inout [FieldError]) {
        guard let devices = amounts[GPU.deviceResource], Quantity(devices.value) != devices else { return }
        faults.append(
            FieldError(
                path: path.appending(GPU.deviceResource), expected: "a whole number of devices", found: "\(devices)"))
    }

    private static func checkShare(_ requests: ResourceList, _ path: FieldPath, _ faults: inout [FieldError]) {
        guard let share = requests[GPU.shareResource] else { return }
        let devices = requests[GPU.deviceResource] ?? .zero
        let isWhole = Quantity(share.value) == share
        if !isWhole || share.value > GPU.milliPerDevice {
            faults.append(
                FieldError(
                    path: path.appending(GPU.shareResource),
                    expected: "thousandths of one device, at most \(GPU.milliPerDevice)", found: "\(share)"))
        } else if devices > .zero, share > .zero {
            faults.append(
                FieldError(
                    path: path.appending(GPU.shareResource),
                    expected: "either whole devices (\(GPU.deviceResource)) or a share of one", found: "both"))
        }
    }
}

/// The forms that Kubernetes allows for names, label keys and label values.
enum NameSyntax {
    static let labelWords = "a name of at most 63 lower-case letters, digits and hyphens"
    static let subdomainWords = "a name of at most 253 lower-case letters, digits, hyphens and dots"
    static let keyWords = "a key such as app or example.com/app, its name at most 63 letters, digits, -, _ and ."
    static let valueWords = "at most 63 letters, digits, -, _ and ., with a letter or digit at both ends"

    /// RFC 1123 label.
    static func isLabel(_ name: String) -> Bool { isLabel(name.utf8[...]) }

    /// RFC 1123 subdomain: labels joined by dots.
    static func isSubdomain(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count) else { return false }
        return name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { isPart($0) }
    }

    /// The key of a label or an annotation: `name` or `prefix/name`.
    ///
    /// Annotation keys may have upper-case prefixes.
    static func isQualifiedName(_ key: String) -> Bool {
        let bytes = key.utf8
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else { return isName(bytes[...]) }
        return isSubdomain(key[..<slash].lowercased()) && isName(bytes[bytes.index(after: slash)...])
    }

    /// The value of a label, which may be empty.
    static func isLabelValue(_ value: String) -> Bool { value.isEmpty || isName(value.utf8[...]) }

    private static func isLabel(_ bytes: Substring.UTF8View) -> Bool {
        bytes.count <= 63 && isPart(bytes)
    }

    /// Lower-case letters, digits and hyphens, with no hyphen at either end.
    private static func isPart(_ bytes: Substring.UTF8View) -> Bool {
        guard let first = bytes.first, let last = bytes.last, first != hyphen, last != hyphen else { return false }
        return bytes.allSatisfy { isLower($0) || isDigit($0) || $0 == hyphen }
    }

    private static func isName(_ bytes: Substring.UTF8View) -> Bool {
        guard (1...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        guard isAlphanumeric(first), isAlphanumeric(last) else { return false }
        return bytes.allSatisfy {
            isAlphanumeric($0) || $0 == hyphen || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
        }
    }

    private static let hyphen = UInt8(ascii: "-")
    private static func isLower(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLower(byte | 0x20) && byte >= UInt8(ascii: "A") || isDigit(byte)
    }
}
