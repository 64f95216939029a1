/// Colours as the pages' style sheet names them, so that each follows the reader's choice of light or dark.
enum Palette {
    /// So many colours are told apart easily; a further series takes the first again.
    static let count = 8

    /// The colour of a series.
    static func series(_ index: Int) -> String { "var(--series-\(index % count))" }

    /// The colour of a share from 0 to 1, pale to strong.
    ///
    /// Mixed by the browser, between two colours of the style sheet.
    static func heat(_ share: Double) -> String {
        let percent = Int((Swift.min(1, Swift.max(0, share)) * 100).rounded())
        return "color-mix(in oklab, var(--heat-high) \(percent)%, var(--heat-low))"
    }

    /// The variables of both schemes. The series' colours are those of Okabe and Ito, which colour-blind readers tell apart.
    static let style = """
        :root { color-scheme: light dark; --page: #ffffff; --ink: #1b1f24; --dim: #59636e; --line: #d1d9e0; --card: #f6f8fa;
          --heat-low: #eef4fb; --heat-high: #08519c;
          --series-0: #0072b2; --series-1: #d55e00; --series-2: #009e73; --series-3: #cc79a7;
          --series-4: #e69f00; --series-5: #56b4e9; --series-6: #7f7f7f; --series-7: #8c6d1f; }
        @media (prefers-color-scheme: dark) {
          :root { --page: #0d1117; --ink: #e6edf3; --dim: #9198a1; --line: #3d444d; --card: #151b23;
            --heat-low: #16202c; --heat-high: #79c0ff;
            --series-0: #58a6ff; --series-1: #ff9b57; --series-2: #3fcf9f; --series-3: #e8a3c8;
            --series-4: #f2c14e; --series-5: #8fd3ff; --series-6: #b0b0b0; --series-7: #d0ae5a; } }
        """
}
