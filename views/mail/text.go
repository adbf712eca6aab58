package mail

import (
	"strings"
	"unicode/utf8"
)

// width is the length of a line of text, as RFC 3676 (section 4.2) advises.
const width = 72

// text is the plain-text twin: the same words and links, in the same order.
func (l letter) text() string {
	var b strings.Builder
	title := wrap(l.title, width)
	b.WriteString(title + "\n" + strings.Repeat("=", longest(title)) + "\n")
	for _, line := range l.lead {
		b.WriteString("\n" + wrap(line, width) + "\n")
	}
	if l.code != "" {
		b.WriteString("\n    " + l.code + "\n")
	}
	b.WriteString(factText(l.facts))
	for _, part := range l.sections {
		b.WriteString(part.text())
	}
	for _, line := range l.note {
		b.WriteString("\n" + wrap(line, width) + "\n")
	}
	between := "\n"
	for _, to := range append([]link{l.action}, l.beside()...) {
		if to.address != "" {
			b.WriteString(between + to.label + ":\n" + to.address + "\n")
		}
	}
	b.WriteString("\n-- \n") // the separator of a signature: RFC 3676, section 4.3
	for _, line := range l.why {
		b.WriteString(wrap(line, width) + "\n")
	}
	if l.settings.address != "" {
		b.WriteString(l.settings.label + ":\n" + l.settings.address + "\n")
	}
	b.WriteString(l.foot + "\n")
	return b.String()
}

// factText is the table of facts; a long value goes on under its beginning.
func factText(facts []fact) string {
	if len(facts) == 0 {
		return ""
	}
	column := 0
	for _, f := range facts {
		column = max(column, utf8.RuneCountInString(f.label)+2)
	}
	var b strings.Builder
	b.WriteString("\n")
	indent := "\n" + strings.Repeat(" ", column)
	for _, f := range facts {
		label := f.label + ":" + strings.Repeat(" ", column-1-utf8.RuneCountInString(f.label))
		b.WriteString(label + strings.ReplaceAll(wrap(f.value, width-column), "\n", indent) + "\n")
	}
	return b.String()
}

// text is a section, with its head underlined.
func (p section) text() string {
	var b strings.Builder
	title := wrap(p.title, width)
	b.WriteString("\n" + title + "\n" + strings.Repeat("-", longest(title)) + "\n" + factText(p.facts))
	for _, to := range p.links {
		b.WriteString(to.label + ":\n" + to.address + "\n")
	}
	return b.String()
}

// wrap breaks a line at spaces; a word that is longer stays whole.
func wrap(text string, limit int) string {
	var b strings.Builder
	length := 0
	for i, word := range strings.Fields(text) {
		size := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case length+1+size > limit:
			b.WriteString("\n")
			length = 0
		default:
			b.WriteString(" ")
			length++
		}
		b.WriteString(word)
		length += size
	}
	return b.String()
}

func longest(text string) int {
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n = max(n, utf8.RuneCountInString(line))
	}
	return n
}
