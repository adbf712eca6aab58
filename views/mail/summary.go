package mail

import (
	"locum/models/mail"
	"locum/views/i18n"
)

// Summary is a mail in two lines, as an inbox shows it.
type Summary struct {
	Title, Text string
	Href        string // where the mail's button leads, within the hub; or empty
}

// Summarize says in two lines what the mail of a content says at length.
func Summarize(locale i18n.Locale, content mail.Content) (Summary, error) {
	l, err := writer{locale, NewLinks("")}.write(content)
	return Summary{Title: l.subject, Text: l.preview, Href: l.action.address}, err
}
