import CEL

/// What is known of the request that makes a pod, beyond the pod: where a server asks, who is there at its other end.
///
/// A class, so that it is handed on by one reference.
public final class PolicyRequest: Hashable, Sendable {
    /// Who asks; nil where nobody knows.
    public let userInfo: UserInfo?
    /// Whether nothing is to be kept.
    public let isDryRun: Bool

    /// Who asks.
    public struct UserInfo: Hashable, Sendable {
        /// The name, such as `system:serviceaccount:ci:builder`.
        public var username: String
        /// The identity that outlasts a change of the name.
        public var uid: String
        /// The groups.
        public var groups: [String]
        /// What else the authenticator tells.
        public var extra: [String: [String]]

        /// A user of the given parts.
        public init(username: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
            (self.username, self.uid, self.groups, self.extra) = (username, uid, groups, extra)
        }
    }

    /// A request of the given parts.
    public init(userInfo: UserInfo? = nil, isDryRun: Bool = false) {
        (self.userInfo, self.isDryRun) = (userInfo, isDryRun)
    }

    /// Requests are equal that say the same.
    public static func == (a: PolicyRequest, b: PolicyRequest) -> Bool {
        a.userInfo == b.userInfo && a.isDryRun == b.isDryRun
    }

    /// Feeds what the request says to the hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(userInfo)
        hasher.combine(isDryRun)
    }
}

extension PolicyRequest.UserInfo {
    /// The user as expressions see it; what is empty is not there, as in the JSON of a request.
    var celValue: CELValue {
        func list(_ items: [String]) -> CELValue { .list(CELList(items.map { .string($0) })) }
        var fields: [String: CELValue] = ["username": .string(username)]
        if !uid.isEmpty { fields["uid"] = .string(uid) }
        if !groups.isEmpty { fields["groups"] = list(groups) }
        if !extra.isEmpty { fields["extra"] = .map(CELMap(extra.mapValues(list))) }
        return .map(CELMap(fields))
    }

    /// The type by which misspelt fields are found.
    static let type = CELObjectType(
        "UserInfo",
        fields: [
            "username": { .string }, "uid": { .string }, "groups": { .list(.string) },
            "extra": { .map(.string, .list(.string)) },
        ])
}
