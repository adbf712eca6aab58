package mail

import (
	"strings"

	"locum/models/mail"
)

// certificate warns a manager that the identity provider's last certificate
// ends.
func (w writer) certificate(c mail.Certificate) letter {
	company, name := tidyPlace(c.Company), plain(c.Name)
	ends := w.Date(c.Ends.Time)
	names := []any{"Name", name, "Company", company.Name, "Ends", ends}
	what := "mail.certificate.by_hand"
	switch {
	case c.ByAddress && c.Failing:
		what = "mail.certificate.failing"
	case c.ByAddress:
		what = "mail.certificate.by_address"
	}
	l := letter{
		place:   company,
		band:    w.T("mail.band.certificate"),
		subject: w.T("mail.certificate.subject", names...),
		preview: w.T("mail.certificate.preview", names...),
		title:   w.T("mail.certificate.title", names...),
		lead:    []string{w.T("mail.certificate.lead", names...), w.T(what, names...)},
		action:  link{w.T("mail.certificate.action"), w.links.Connection(c.Connection)},
		why:     []string{w.T("mail.certificate.why", names...)},
	}
	l.facts = append(l.facts, w.fact("mail.fact.connection", name)...)
	l.facts = append(l.facts, w.fact("mail.fact.certificate_ends", w.DateTime(c.Ends.Time))...)
	l.facts = append(l.facts, w.fact("mail.fact.fingerprint", beginning(plain(c.Fingerprint)))...)
	return w.finish(l)
}

// beginning is as much of a fingerprint as tells certificates apart by eye.
func beginning(fingerprint string) string {
	var groups []string
	for ; len(fingerprint) >= 4 && len(groups) < 5; fingerprint = fingerprint[4:] {
		groups = append(groups, fingerprint[:4])
	}
	return strings.Join(groups, " ") + " …"
}
