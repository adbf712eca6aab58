package mail

import "locum/models/mail"

// silence tells a manager that nobody comes in through a connection any more.
func (w writer) silence(s mail.Silence) letter {
	company, name := tidyPlace(s.Company), plain(s.Name)
	names := []any{"Name", name, "Company", company.Name, "Last", w.DateTime(s.Last.Time)}
	l := letter{
		place:   company,
		band:    w.T("mail.band.certificate"),
		subject: w.T("mail.silence.subject", names...),
		preview: w.T("mail.silence.preview", names...),
		title:   w.T("mail.silence.title", names...),
		lead:    []string{w.T("mail.silence.lead", names...), w.T("mail.silence.what", names...)},
		action:  link{w.T("mail.certificate.action"), w.links.Connection(s.Connection)},
		why:     []string{w.T("mail.certificate.why", names...), w.N("mail.silence.hours", s.Hours)},
	}
	l.facts = append(l.facts, w.fact("mail.fact.connection", name)...)
	l.facts = append(l.facts, w.fact("mail.fact.last_sign_in", w.DateTime(s.Last.Time))...)
	return w.finish(l)
}
