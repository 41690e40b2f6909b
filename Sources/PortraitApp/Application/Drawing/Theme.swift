import TerminalKit

/// The themes by name.
package enum ThemeName: String, Sendable, CaseIterable, Codable {
    /// The 16 colours that users chose for their terminal.
    case terminal
    /// Warm dark colours of its own, for terminals with 24-bit colour.
    case studio
    /// Bold and reversed only.
    case plain
}

/// How things look, by what they mean.
package struct Theme: Sendable {
    package let text: TextStyle
    /// What matters less.
    package let faint: TextStyle
    package let border: TextStyle
    /// The border and title of what has the keyboard.
    package let focus: TextStyle
    /// Names of things.
    package let label: TextStyle
    /// Keys, chosen things, numbers that change.
    package let accent: TextStyle
    package let selection: TextStyle
    /// The selection of a pane that does not have the keyboard.
    package let quietSelection: TextStyle
    package let good: TextStyle
    package let warning: TextStyle
    package let failure: TextStyle
    /// The bar's finished part and its rest.
    package let bar: TextStyle
    package let barRest: TextStyle
    /// Header and footer lines.
    package let chrome: TextStyle

    /// - Parameter isColorless: whether `NO_COLOR` asks for none (no-color.org).
    package static func named(_ name: ThemeName, isColorless: Bool) -> Theme {
        switch isColorless ? .plain : name {
        case .terminal: terminal
        case .studio: studio
        case .plain: plain
        }
    }

    private static let terminal = Theme(
        text: .standard,
        faint: TextStyle(foreground: .palette(8)),
        border: TextStyle(foreground: .palette(8)),
        focus: TextStyle(foreground: .palette(5), isBold: true),
        label: TextStyle(isBold: true),
        accent: TextStyle(foreground: .palette(5)),
        selection: TextStyle(isBold: true, isReversed: true),
        quietSelection: TextStyle(isBold: true),
        good: TextStyle(foreground: .palette(2)),
        warning: TextStyle(foreground: .palette(3)),
        failure: TextStyle(foreground: .palette(1), isBold: true),
        bar: TextStyle(foreground: .palette(5)),
        barRest: TextStyle(foreground: .palette(8)),
        chrome: .standard)

    private static let studio: Theme = {
        let ground = TerminalColor.rgb(24, 21, 19)
        func style(_ red: UInt8, _ green: UInt8, _ blue: UInt8, isBold: Bool = false) -> TextStyle {
            TextStyle(foreground: .rgb(red, green, blue), background: ground, isBold: isBold)
        }
        return Theme(
            text: style(226, 216, 204), faint: style(128, 116, 106), border: style(74, 66, 60),
            focus: style(226, 158, 96, isBold: true), label: style(240, 232, 222, isBold: true),
            accent: style(226, 158, 96),
            selection: TextStyle(foreground: .rgb(24, 21, 19), background: .rgb(226, 158, 96), isBold: true),
            quietSelection: TextStyle(
                foreground: .rgb(240, 232, 222), background: .rgb(54, 47, 42), isBold: true),
            good: style(152, 190, 120), warning: style(230, 190, 110),
            failure: style(224, 108, 96, isBold: true),
            bar: style(226, 158, 96), barRest: style(74, 66, 60),
            chrome: TextStyle(foreground: .rgb(226, 216, 204), background: .rgb(36, 32, 29)))
    }()

    private static let plain = Theme(
        text: .standard, faint: TextStyle(isDim: true), border: TextStyle(isDim: true),
        focus: TextStyle(isBold: true),
        label: TextStyle(isBold: true), accent: TextStyle(isBold: true),
        selection: TextStyle(isReversed: true),
        quietSelection: TextStyle(isUnderlined: true), good: .standard, warning: TextStyle(isBold: true),
        failure: TextStyle(isBold: true, isUnderlined: true), bar: .standard, barRest: TextStyle(isDim: true),
        chrome: .standard)
}
