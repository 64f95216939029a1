/// How a batch queue chooses which job starts next.
public enum QueuePolicy: String, CaseIterable, Hashable, Sendable {
    /// In the order of submission, and nobody overtakes.
    case fcfs
    /// In the order of submission; the first job that has no room gets a reservation, and later jobs may start as long as
    /// they do not delay it (Lifka 1995; Mu'alem and Feitelson 2001).
    case easy
    /// As `easy`, but jobs that may overtake are tried shortest first (Tsafrir, Etsion and Feitelson 2007).
    case easySJF = "easy-sjf"
    /// In the order of submission, and every job has a reservation that later ones may not delay (Mu'alem and Feitelson
    /// 2001).
    case conservative
    /// By a plan of all starts, remade at every decision: short jobs first as long as nobody waits longer for it than the
    /// order of submission would make him (`Planner`).
    case plan

    /// The one in force where nobody names one.
    public static let standard = QueuePolicy.plan
}
