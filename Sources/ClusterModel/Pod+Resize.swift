/// The resources of a pod whose containers are resized in place: until the node has done it, what they had counts too.
///
/// Source: Kubernetes' `determineContainerReqs` (component-helpers, resource/helpers.go).
extension Pod {
    private static let pending = "PodResizePending"
    private static let infeasible = "Infeasible"

    /// Reads what the containers hold from `status.containerStatuses` and `status.initContainerStatuses`.
    ///
    /// That is the most of what is in force, what is allocated and what is requested; without the last where the node will
    /// never have room for it.
    mutating func readHeldResources(_ status: ObjectReader) throws(FieldError) {
        for (field, containers) in [
            ("containerStatuses", \PodSpec.containers), ("initContainerStatuses", \PodSpec.initContainers),
        ] {
            for (name, held) in try Pod.heldResources(status, field) {
                guard let index = spec[keyPath: containers].firstIndex(where: { $0.name == name }) else { continue }
                let requests = spec[keyPath: containers][index].requests
                // Of nearly every pod the status says what the spec says.
                if held == requests { continue }
                let counted = try Pod.isInfeasible(status) ? held : held.merging(requests) { max($0, $1) }
                if counted != requests { spec[keyPath: containers][index].held = counted }
            }
        }
    }

    private static func isInfeasible(_ status: ObjectReader) throws(FieldError) -> Bool {
        try status.objects("conditions") { condition throws(FieldError) in
            let type = try condition.string("type")
            let reason = try condition.string("reason")
            return try condition.string("status") != "False" && type == pending && reason == infeasible
        }.contains(true)
    }

    private static func heldResources(
        _ status: ObjectReader, _ field: String
    ) throws(FieldError) -> [(name: String, held: ResourceList)] {
        try status.objects(field) { status throws(FieldError) -> (String, ResourceList)? in
            let decode = { (value: Value) throws(FieldError) in try value.decodeResources() }
            let allocated = try status.optional("allocatedResources", decode) ?? [:]
            // A status without resources is that of a node which knows nothing of resizing.
            let inForce = try status.object("resources") { resources throws(FieldError) in
                try resources.optional("requests", decode) ?? [:]
            }
            guard let inForce else { return nil }
            return (try status.string("name") ?? "", inForce.merging(allocated) { max($0, $1) })
        }.compactMap { $0 }
    }

    /// What `readHeldResources` reads.
    func addHeldResources(to status: inout ObjectBuilder) {
        func add(_ field: String, _ containers: [Container]) {
            status.add(field, containers.filter { $0.held != nil }) { container in
                var resources = ObjectBuilder()
                resources.add("requests", .resources(container.held ?? [:]))
                var object = ObjectBuilder()
                object.add("name", container.name)
                object.add("resources", resources.value)
                return object.value
            }
        }
        let all = spec.containers + spec.initContainers
        let isInfeasible = all.contains { container in
            guard let held = container.held else { return false }
            return held.merging(container.requests) { max($0, $1) } != held
        }
        if isInfeasible {
            var condition = ObjectBuilder()
            condition.add("type", Pod.pending)
            condition.add("status", "True")
            condition.add("reason", Pod.infeasible)
            status.add("conditions", .array([condition.value]))
        }
        add("containerStatuses", spec.containers)
        add("initContainerStatuses", spec.initContainers)
    }
}
