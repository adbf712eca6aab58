package layout

import (
	"strings"

	"locum/views/i18n"
	"locum/views/ui"
)

// themes are the choices of the appearance.
var themes = []struct{ value, icon, key string }{
	{"system", "monitor", "layout.theme.system"},
	{"light", "sun", "layout.theme.light"},
	{"dark", "moon", "layout.theme.dark"},
}

// keys are the keyboard shortcuts. There are none of a single letter (WCAG
// 2.2, 2.1.4).
var keys = []struct {
	keys   []string
	key    string
	always bool
}{
	{[]string{"Alt", "O"}, "layout.shortcuts.switch", true},
	{[]string{"↑", "↓"}, "layout.shortcuts.choose", true},
	{[]string{"Enter"}, "layout.shortcuts.enter", true},
	{[]string{"Alt", "B"}, "layout.shortcuts.back", false},
}

// codeOf is a language's code as the top bar shows it.
func codeOf(code string) string { return strings.ToUpper(code) }

// nameOf is a language's name in itself.
func nameOf(code string) string { return i18n.For(code, "").T("common.language.name") }

// dismissable gives a notice of the frame a way to put it away: it was said
// once, so the same page without it is the page itself.
func (f Frame) dismissable(n ui.NoticeProps) ui.NoticeProps {
	if n.Dismiss == "" {
		n.Dismiss = f.back()
	}
	return n
}
