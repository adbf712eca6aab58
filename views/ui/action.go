package ui

import "github.com/a-h/templ"

// Instead marks the way on from a page that shows something once: where a browser
// goes that comes back to the page, or loads it again.
var Instead = templ.Attributes{"data-instead": true}

func iconClass(b Btn) string {
	kind, size := b.Kind, b.Size
	if kind == Plain {
		kind = Ghost
	}
	if size == "" {
		size = Small
	}
	return class("btn", "btn-icon", string(kind), sized("btn", size))
}

// iconKind is "button" unless the button names what it sends.
func iconKind(b Btn) string {
	if b.Type == "" && b.Name == "" {
		return "button"
	}
	return b.kind()
}
