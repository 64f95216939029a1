import ClusterModel
import Testing

@testable import PolicyEngine

@Suite struct KubernetesTypeTests {
    /// Every type that a field refers to is in the table.
    @Test func theTableIsClosed() {
        func name(_ form: KubernetesType.Form) -> String? {
            switch form {
            case .object(let name): name
            case .list(let form), .map(let form): name(form)
            default: nil
            }
        }
        #expect(KubernetesType.all.count > 150)
        for type in KubernetesType.all.values {
            #expect(!type.fields.isEmpty, "\(type.name)")
            for field in type.fields {
                guard let inner = name(field.form) else { continue }
                #expect(KubernetesType.all[inner] != nil, "\(type.name).\(field.name) is of no known type: \(inner)")
            }
        }
        #expect(KubernetesType.podSpec.fields.count == 43)
        #expect(KubernetesType.container.field("securityContext") != nil && KubernetesType.pod.field("status") != nil)
    }

    @Test func whatSaysNothingIsLeftOut() {
        let port = KubernetesType.named("ContainerPort")
        let stated = Value.object([
            .init("containerPort", .int(80)), .init("hostPort", .int(0)), .init("hostIP", .null),
            .init("nome", .int(1)),
        ])
        #expect(
            port.completed(stated)
                == .object([.init("containerPort", .int(80)), .init("protocol", .string("TCP"))]))
    }

    @Test func numbersAndQuantitiesAreWrittenInOneWay() {
        let claim = KubernetesType.named("EmptyDirVolumeSource")
        let stated = Value.object([.init("sizeLimit", .string("1024Mi"))])
        #expect(claim.completed(stated) == .object([.init("sizeLimit", .string("1Gi"))]))
        let probe = KubernetesType.named("Probe")
        let seconds = probe.completed(.object([.init("periodSeconds", .double(5))]))["periodSeconds"]
        #expect(seconds == .int(5))
    }
}
