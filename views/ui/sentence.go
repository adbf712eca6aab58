package ui

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// The marks around an argument that Sentence sets in bold. No keyboard types
// them, and Strong takes them out of what people typed.
const (
	strongBegin = "\x02"
	strongEnd   = "\x03"
)

var withoutMarks = strings.NewReplacer(strongBegin, "", strongEnd, "")

// Strong marks an argument of a catalog's text as the part that matters, so
// that the text itself holds no markup. Only Sentence shows it.
func Strong(text string) string { return strongBegin + withoutMarks.Replace(text) + strongEnd }

// Sentence writes a text, and sets in bold what Strong marked in it.
func Sentence(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		marked := strings.NewReplacer(strongBegin, "<b>", strongEnd, "</b>")
		_, err := marked.WriteString(w, templ.EscapeString(text))
		return err
	})
}
